// What the server of `asynchttpserver` does with bytes, to be compared with what Nim's does.

import { readFileSync } from 'node:fs'
import {
  type AsyncHttpServer,
  type AsyncHttpServerOptions,
  type Callback,
  Http200,
  Http404,
  HttpCode,
  newAsyncHttpServer,
  newHttpHeaders,
  type Request,
} from '../../ts/asynchttpserver/index.ts'
import { Client } from '../support/client.ts'
import { until, within } from '../support/deadline.ts'
import type { Scope } from '../support/service.ts'
import { root } from '../support/root.ts'

/** A call of the handler, as the table writes it. */
export interface Call {
  readonly method: string
  readonly protocol: { readonly orig: string; readonly major: number; readonly minor: number }
  readonly url: Readonly<Record<string, string | boolean>>
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly body: string
}

/** What came of a case. */
export interface Observed {
  readonly responses: readonly {
    readonly status?: number
    readonly headers?: readonly (readonly [string, string])[]
    readonly body?: string | null
    readonly raw?: string
  }[]
  readonly handler_calls: readonly Call[]
  readonly connection_after: 'open' | 'closed'
  readonly server: 'alive' | 'died'
}

type Part =
  | string
  | { readonly repeat: string; readonly times: number }
  | { readonly numbered: string; readonly count: number }

/** A case of the table; without `send` it is a scenario in words. */
export interface NimCase {
  readonly id: string
  readonly group: string
  readonly send?: readonly Part[]
  readonly half_close?: boolean
  readonly server?: AsyncHttpServerOptions
  readonly scenario?: string
  readonly observed?: Observed
  readonly observed_stable?: Observed
  readonly observed_devel?: Observed
}

/** The table of what Nim's server was seen to do. */
export const table: {
  readonly http: readonly NimCase[]
  readonly http_codes: Readonly<Record<string, string>>
  readonly headers_api: readonly { readonly op: string; readonly result: unknown }[]
  readonly parse_header: readonly { line: string; key: string; values: readonly string[] }[]
  readonly parse_uri: readonly { input: string; fields: Record<string, string> }[]
} = JSON.parse(readFileSync(`${root}__test__/cases/asynchttpserver-cases.json`, 'utf8'))

/** The bytes of a case, one code unit a byte. */
export function textOf(parts: readonly Part[]): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part
      if ('repeat' in part) return part.repeat.repeat(part.times)
      return Array.from({ length: part.count }, (_, i) =>
        part.numbered.replace('%d', String(i)),
      ).join('')
    })
    .join('')
}

/** A running server of `asynchttpserver`. */
export interface NimService {
  readonly server: AsyncHttpServer
  readonly port: number
  /** What failed. */
  readonly errors: unknown[]
  /** Rejects or resolves with `serve`. */
  readonly served: Promise<void>
  connect(): Promise<Client>
}

/** Serves `callback` on 127.0.0.1 until the test is over. */
export async function serveNim(
  t: Scope,
  callback: Callback,
  options: AsyncHttpServerOptions = {},
): Promise<NimService> {
  const errors: unknown[] = []
  const server = newAsyncHttpServer({ onError: (error) => void errors.push(error), ...options })
  const served = server.serve(0, callback, { address: '127.0.0.1' })
  await until('listening', () => isListening(server))
  const clients: Client[] = []
  t.teardown(async () => {
    for (const client of clients) client.socket.destroy()
    await within('close of the server', server.close())
  })
  const port = server.getPort()
  const connect = async (): Promise<Client> => {
    const client = await Client.connect(port)
    clients.push(client)
    return client
  }
  return { server, port, errors, served, connect }
}

function isListening(server: AsyncHttpServer): boolean {
  try {
    return server.getPort() > 0
  } catch {
    return false
  }
}

/** What a handler saw, in the table's form. */
export function callOf(req: Request): Call {
  const headers = new Set([...req.headers].map(([name]) => name))
  return {
    method: req.reqMethod,
    protocol: { ...req.protocol },
    url: { ...req.url },
    headers: Object.fromEntries([...headers].map((name) => [name, [...req.headers.getAll(name)]])),
    body: Buffer.from(req.bodyBytes).toString('latin1'),
  }
}

/** The handler of the table: what it does for some paths; it echoes what it saw for any other. */
export function tableHandler(calls: Call[]): Callback {
  const text = 'Hello World, '
  return async (req) => {
    switch (req.url.path) {
      case '/hello16':
        return req.respond(Http200, `${text}200`)
      case '/404':
        return req.respond(Http404, `${text}404`)
      case '/emptyheaders':
        return req.respond(Http200, `${text}200`, newHttpHeaders())
      case '/cl0':
        return req.respond(Http200, `${text}200`, newHttpHeaders([['Content-Length', '0']]))
      case '/304':
        return req.respond(HttpCode(304), 'x')
      case '/title':
        return req.respond(
          Http200,
          'm',
          newHttpHeaders(
            [
              ['set-COOKIE', 'a=1'],
              ['content-length', '1'],
            ],
            true,
          ),
        )
      case '/inject':
        return req.respond(Http200, 'm', { 'x-a': '1\r\nX-B: 2' })
      case '/weird':
        return req.respond(HttpCode(299), 'w')
      case '/twice':
        await req.respond(Http200, 'one')
        return req.respond(Http200, 'two')
      case '/sendheaders':
        return req.sendHeaders(newHttpHeaders([['x-a', '1']]))
      case '/boom':
        throw new RangeError('boom')
      case '/none':
        return undefined
      default:
        calls.push(callOf(req))
        return req.respond(Http200, JSON.stringify(calls.at(-1)))
    }
  }
}
