import { createRequire } from 'node:module'
import { block, echo, greet, HELLO, LARGE, RECORD, soon } from '../support/answers.ts'

// benchmark/fetch-rivals.sh puts it there.
const require = createRequire(new URL('../../../benchmark/bin/frameworks/', import.meta.url))

interface Request {
  readonly raw: { readonly url: string }
  readonly headers: Record<string, string | undefined>
  readonly body: unknown
}

/** What is used of it. */
interface Fastify {
  get(path: string, answer: (request: Request) => unknown): void
  post(path: string, answer: (request: Request) => unknown): void
  addContentTypeParser(
    type: string,
    options: { parseAs: 'string' },
    parse: (request: unknown, body: string, done: (error: null, body: string) => void) => void,
  ): void
  removeAllContentTypeParsers(): void
  listen(options: { port: number; host: string }): Promise<string>
}

const fastify = require('fastify') as (options: { keepAliveTimeout: number }) => Fastify
const app = fastify({ keepAliveTimeout: 65_000 })
app.get('/', () => HELLO)
app.get('/browser', ({ raw, headers }) =>
  greet(raw.url.split('?')[1] ?? '', headers['accept-language'], headers['user-agent']),
)
app.removeAllContentTypeParsers()
app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body))
app.post('/echo', ({ body }) => echo(body as string))
app.get('/64k', () => LARGE)
app.get('/block', () => block())
app.get('/burn', () => block(5))
app.get('/timer', () => soon().then(() => RECORD))
await app.listen({ port: Number(process.argv[2]), host: '127.0.0.1' })
