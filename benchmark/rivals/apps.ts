import http, { type RequestListener, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { pipeline, Readable } from 'node:stream'
import { createServer } from '../../ts/node/index.ts'
import { HELLO, LARGE } from '../support/answers.ts'

// node apps.js APP DOOR PORT: the same application behind node:http and behind fasthttp/node. APP is
// raw, fastify, express or koa, DOOR is node, ours, or ours-1: with an I/O thread. benchmark/fetch-rivals.sh gets the frameworks.

type Create = (listener?: RequestListener) => Server

const require = createRequire(new URL('../../../benchmark/bin/frameworks/', import.meta.url))
const [app = 'raw', door = 'node', port] = process.argv.slice(2)
const doors: Record<string, Create> = {
  node: http.createServer,
  ours: createServer,
  'ours-1': (listener) => createServer({ ioThreads: 1 }, listener),
}
const create = doors[door]!
const PIECE = LARGE.subarray(0, 16 << 10)

/** 64 KiB in four pieces, as a stream that is piped. */
const pieces = (): Readable => Readable.from([PIECE, PIECE, PIECE, PIECE])

const applications: Record<string, () => Server | Promise<Server>> = {
  raw: () =>
    create((req, res) => {
      if (req.url === '/echo') {
        res.setHeader('Content-Length', req.headers['content-length'] ?? 0)
        pipeline(req, res, () => undefined)
      } else if (req.url === '/upload') {
        let length = 0
        req.on('data', (piece: Buffer) => (length += piece.length))
        req.on('end', () => res.end(String(length)))
      } else if (req.url === '/stream') {
        res.setHeader('Content-Length', 4 * PIECE.length)
        pipeline(pieces(), res, () => undefined)
      } else res.end(HELLO)
    }),
  express() {
    const express = require('express') as () => RequestListener & {
      disable(name: string): void
      get(path: string, answer: (req: unknown, res: { send(text: string): void }) => void): void
    }
    const made = express()
    made.get('/', (_, res) => res.send(HELLO))
    return create(made)
  },
  koa() {
    const Koa = require('koa') as new () => {
      use(answer: (context: { body: unknown }) => void): void
      callback(): RequestListener
    }
    const made = new Koa()
    made.use((context) => void (context.body = HELLO))
    return create(made.callback())
  },
  async fastify() {
    const fastify = require('fastify') as (options: object) => {
      get(path: string, answer: () => unknown): void
      ready(): Promise<void>
      server: Server
    }
    const serverFactory = (listener: RequestListener): Server => create(listener)
    const made = fastify({ serverFactory })
    made.get('/', () => HELLO)
    await made.ready()
    return made.server
  },
}

const server = await applications[app]!()
server.keepAliveTimeout = 65_000
server.listen(Number(port), '127.0.0.1')
