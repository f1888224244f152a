import { readFileSync } from 'node:fs'

import { createServer, Router } from '../../ts/index.ts'
import { HELLO } from '../support/answers.ts'

// GitHub's routes, each with the same handler, and a fixed answer beside them.
const file = new URL('../../../__test__/cases/routes-github.json', import.meta.url)
const { routes } = JSON.parse(readFileSync(file, 'utf8')) as {
  routes: { method: string; path: string }[]
}
const router = new Router({ overlap: 'static-first' })
for (const { method, path } of routes) router.handle(method, path, () => HELLO)
router.static('/static', HELLO).get('/', () => HELLO)

await createServer(router, { ioThreads: 1 }).listen(Number(process.argv[2]), '127.0.0.1')
