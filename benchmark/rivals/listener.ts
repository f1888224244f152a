import type { IncomingMessage as Message, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

import { block, echo, greet, HELLO, LARGE, RECORD, soon } from '../support/answers.ts'

const browser = ({ headers }: Message, query: string): string =>
  greet(query, headers['accept-language'], headers['user-agent'])
const routes = new Map<string, (req: Message, res: ServerResponse, query: string) => unknown>([
  ['/', (_, res) => res.end(HELLO)],
  ['/browser', (req, res, query) => res.end(browser(req, query))],
  ['/echo', async (req, res) => res.end(echo(await text(req)))],
  ['/64k', (_, res) => res.end(LARGE)],
  ['/block', (_, res) => res.end(block())],
  ['/burn', (_, res) => res.end(block(5))],
  ['/timer', (_, res) => soon().then(() => endWithJson(res, RECORD))],
])

function endWithJson(res: ServerResponse, value: unknown): void {
  res.setHeader('Content-Type', 'application/json')
  res.end(JSON.stringify(value))
}

/** What servers with node's API answer. */
export function listener(req: Message, res: ServerResponse): void {
  const [path = '', query = ''] = req.url!.split('?')
  routes.get(path)!(req, res, query)
}
