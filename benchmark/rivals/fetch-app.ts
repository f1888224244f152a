import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { HttpResponse } from '../../ts/index.ts'
import { HELLO, LARGE } from '../support/answers.ts'

// DOOR APP PORT: the same fetch handler behind our doors and behind those of others. Runs on Node, Bun and Deno, so
// what a door needs is loaded for that door alone. benchmark/fetch-rivals.sh gets the frameworks.

type Fetch = (req: Request) => Response | Promise<Response>
type Serve = (fetch: Fetch, port: number) => unknown

declare const Bun: { serve(options: object): unknown }
declare const Deno: { serve(options: object, fetch: Fetch): unknown; args: string[] }

const inFrameworks = createRequire(new URL('../../../benchmark/bin/frameworks/', import.meta.url))
const [door = 'ours', app = 'hello', asked = '0'] =
  typeof Deno === 'undefined' ? process.argv.slice(2) : Deno.args
const port = Number(asked)
const hostname = '127.0.0.1'

const NAMES =
  'accept accept-language accept-encoding cookie user-agent connection host x-none'.split(' ')
const PIECE = LARGE.subarray(0, 16 << 10)

/** 64 KiB in four pieces, each when it is asked for. */
function pieces(): ReadableStream<Uint8Array> {
  let left = 4
  return new ReadableStream(
    {
      pull(controller) {
        if (left-- === 0) controller.close()
        else controller.enqueue(PIECE)
      },
    },
    { highWaterMark: 0 },
  )
}

/** Handlers by name; `made` is the class of their answers. */
const applications: Record<string, (made: typeof Response) => Fetch> = {
  hello: (Made) => () => new Made(HELLO),
  json: (Made) => () => Made.json({ message: HELLO, items: [1, 2, 3] }),
  headers: (Made) => (req) => {
    let length = 0
    for (const name of NAMES) length += req.headers.get(name)?.length ?? 0
    return new Made(length > 0 ? HELLO : '')
  },
  echo: (Made) => async (req) => new Made(await req.text()),
  upload: (Made) => async (req) => {
    let length = 0
    for await (const piece of req.body ?? []) length += piece.byteLength
    return new Made(String(length))
  },
  stream: (Made) => () => new Made(pieces()),
  // What the request alone costs: the answer is one that every server of ours sends at once.
  untouched: () => () => text as unknown as Response,
  hono: () => {
    const { Hono } = inFrameworks('hono') as {
      Hono: new () => {
        get(path: string, answer: (context: { text(text: string): Response }) => Response): void
        fetch: Fetch
      }
    }
    const made = new Hono()
    made.get('/', (c) => c.text(HELLO))
    return (req) => made.fetch(req)
  },
}

const ours = async (fetch: Fetch): Promise<unknown> => {
  const { serve } = await import('../../ts/fetch/index.ts')
  return serve({ fetch, port, hostname })
}

function nodeServer(overrideGlobalObjects: boolean): Serve {
  return (fetch) => {
    const { serve } = inFrameworks('@hono/node-server') as { serve(options: object): unknown }
    return serve({ fetch, port, hostname, overrideGlobalObjects })
  }
}

const doors: Record<string, Serve> = {
  ours,
  'ours-fast': ours,
  'ours-global': ours,
  plain: async () => {
    const { createServer } = await import('../../ts/index.ts')
    return createServer(() => text as HttpResponse).listen({ port, host: hostname })
  },
  'node-server': nodeServer(true),
  'node-server-platform': nodeServer(false),
  srvx: async (fetch) => {
    const { serve } = (await import(
      inFrameworks.resolve('srvx/node')
    )) as typeof import('node:http') & {
      serve(options: object): unknown
    }
    return serve({ fetch, port, hostname, silent: true })
  },
  floor: async (fetch) => {
    const { createServer } = await import('node:http')
    const server = createServer((req, res) => void throughPlatform(fetch, req, res))
    server.keepAliveTimeout = 65_000
    return server.listen(port, hostname)
  },
  bun: (fetch) => Bun.serve({ fetch, port, hostname, idleTimeout: 65 }),
  deno: (fetch) => Deno.serve({ port, hostname, onListen: () => undefined }, fetch),
}

/** The platform's own objects on both sides, and nothing else: what an adapter is to beat. */
async function throughPlatform(
  fetch: Fetch,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { Readable } = await import('node:stream')
  const { method = 'GET' } = req
  const body = method === 'GET' ? null : Readable.toWeb(req)
  const init = { method, body, duplex: 'half', headers: req.headers as Record<string, string> }
  const answer = await fetch(
    new Request(`http://${req.headers.host}${req.url}`, init as unknown as RequestInit),
  )
  const fields = [...answer.headers].flat()
  if (app === 'stream') {
    res.writeHead(answer.status, fields)
    for await (const chunk of answer.body ?? []) res.write(chunk)
    res.end()
    return
  }
  const whole = Buffer.from(await answer.arrayBuffer())
  res.writeHead(answer.status, [...fields, 'Content-Length', String(whole.length)]).end(whole)
}

if (door === 'ours-global') await import('../../ts/fetch/global.ts')
const Made =
  door === 'ours-fast'
    ? (await import('../../ts/fetch/index.ts')).FastResponse
    : door === 'srvx'
      ? ((await import(inFrameworks.resolve('srvx/node'))) as { FastResponse: typeof Response })
          .FastResponse
      : undefined
if (door === 'node-server') inFrameworks('@hono/node-server')
const text = /^(?:ours|plain)$/.test(door)
  ? (await import('../../ts/index.ts')).text(HELLO)
  : undefined
const handler = applications[app] as (made: typeof Response) => Fetch
// Those that replace the global one do it when they serve, before a request comes.
const late: Fetch = (() => {
  let made: Fetch | undefined
  return (req: Request) => (made ??= handler(Made ?? Response))(req)
})()
await doors[door]!(late, port)
