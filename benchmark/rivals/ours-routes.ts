import { bytes, empty, json, type HttpRequest, type HttpResult } from '../../ts/index.ts'

import { block, greet, HELLO, LARGE, RECORD, soon } from '../support/answers.ts'

const routes = new Map<string, (req: HttpRequest) => HttpResult | Promise<HttpResult>>([
  ['/', () => HELLO],
  ['/browser', (req) => greet(req.query, req.header('accept-language'), req.header('user-agent'))],
  ['/echo', (req) => json({ name: req.json<{ name: string }>().name })],
  ['/64k', () => bytes(LARGE)],
  ['/block', () => block()],
  ['/burn', () => block(5)],
  ['/timer', () => soon().then(() => json(RECORD))],
])

/** Answers a request of any case; the handler of `ours-sync` and, behind a promise, of `ours-async`. */
export function answer(req: HttpRequest): HttpResult | Promise<HttpResult> {
  return routes.get(req.path)?.(req) ?? empty(404)
}
