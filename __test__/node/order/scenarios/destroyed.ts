import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { get, post, type Scenario, type Stage } from '../scenario.ts'

type Act = (req: IncomingMessage, res: ServerResponse, stage: Stage) => void

/** A GET whose handler ends the connection. */
function ending(name: string, act: Act): Scenario {
  return {
    name,
    watched: { socketError: true },
    handler: act,
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(get()).ended()
      await seen('socket 1 close')
    },
  }
}

type Of = (req: IncomingMessage, res: ServerResponse) => { destroy(error?: Error): unknown }

const OBJECTS: [name: string, of: Of][] = [
  ['the request', (req) => req],
  ['the response', (_req, res) => res],
  ['the socket', (req) => req.socket],
]

const within = (name: string, of: Of): Scenario[] => [
  ending(`${name} is destroyed within the answer`, (req, res) => {
    res.write('begin', () => of(req, res).destroy())
  }),
  ending(`${name} is destroyed within the answer with an error`, (req, res) => {
    res.write('begin', () => of(req, res).destroy(new Error('mine')))
  }),
]

const DESTROYED: readonly Scenario[] = OBJECTS.flatMap(([name, of]) => [
  ending(`${name} is destroyed`, (req, res) => void of(req, res).destroy()),
  ending(`${name} is destroyed with an error`, (req, res) => {
    of(req, res).destroy(new Error('mine'))
  }),
  // A request that has ended is over: destroying it ends nothing.
  ...(name === 'the request' ? [] : within(name, of)),
  ending(`${name} is destroyed, and the answer is given all the same`, (req, res, { note }) => {
    of(req, res).destroy()
    res.on('close', () => res.end('ok', () => note('end calls back')))
  }),
])

/** Destroying what is over. */
const OVER: Scenario = {
  name: 'the request is destroyed behind its end, and the answer goes on',
  handler(req, res) {
    req.on('close', () => {
      req.destroy()
      res.end('ok')
    })
  },
  async client({ connect, seen }) {
    const peer = await connect()
    await peer.send(get()).got('ok')
    await seen('res 1 close')
    await peer.send(get()).got('ok', 2)
    await seen('res 2 close')
  },
}

/** Handlers that end what they serve, or fail. */
export const BROKEN: readonly Scenario[] = [
  ...DESTROYED,
  OVER,
  ending('the socket ends behind the answer', (req, res) => {
    res.on('finish', () => req.socket.end())
    res.end('ok')
  }),
  ending('destroySoon behind the answer', (req, res) => {
    res.end('ok')
    req.socket.destroySoon()
  }),
  ...[undefined, new Error('mine')].map((error) =>
    ending(
      `the socket is destroyed with ${error?.message ?? 'no'} error before a write is sent`,
      (req, res, { note }) => {
        const { socket } = req
        res.write('begin', (late) =>
          note(`write [${(late as NodeJS.ErrnoException | null)?.code ?? late?.message}]`),
        )
        note(`written ${socket.bytesWritten} of ${res.writableLength}`)
        socket.destroy(error)
        note(`closed ${socket.closed}`)
      },
    ),
  ),
  {
    name: 'a body is sent back as it comes, and its end ends the connection',
    watched: { reqData: false },
    handler(req, res) {
      req.on('data', (chunk) => res.write(chunk))
      req.on('end', () => req.socket.destroy())
    },
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(post(5, 'hello')).ended()
      await seen('socket 1 close')
    },
  },
  {
    name: 'a body is sent back as it comes, and held back until it has ended',
    watched: { reqData: false },
    handler(req, res, { note }) {
      res.setHeader('Content-Length', 5)
      res.cork()
      req.on('data', (chunk) => res.write(chunk))
      req.on('end', () => {
        // What the kernel has is not waited for.
        note(`waits ${req.socket.writableLength > 0}`)
        res.uncork()
        note(`waits ${req.socket.writableLength > 0}`)
        res.end()
      })
    },
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(post(5, 'he'))
      await seen('req 1 request')
      await peer.send('llo').got('hello')
      await seen('res 1 close')
    },
  },
  {
    name: 'a body is piped, and read by who was told that it can be',
    watched: { reqData: false },
    handler(req, res, { note }) {
      req.once('readable', () => {
        req.on('readable', () => note(`read ${String(req.read())}`))
      })
      req.pipe(res)
    },
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(post(5, 'hello')).got('hello')
      await seen('res 1 close')
    },
  },
  ending('the source of an answer fails', (_req, res, { note }) => {
    const source = Readable.from(
      (async function* () {
        yield 'begin'
        throw new Error('source')
      })(),
    )
    pipeline(source, res, (error) => note(`pipeline [${error?.message}]`))
  }),
  ending('the source of an answer fails before it says anything', (_req, res, { note }) => {
    const source = new Readable({ read: () => void source.destroy(new Error('source')) })
    pipeline(source, res, (error) => note(`pipeline [${error?.message}]`))
  }),
  {
    name: 'the handler throws',
    handler() {
      throw new Error('handler')
    },
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(get())
      await seen('uncaught')
      peer.leave()
      await seen('socket 1 close')
    },
  },
  {
    name: 'the handler throws in the next tick, and answers later',
    handler(_req, res) {
      process.nextTick(() => {
        throw new Error('tick')
      })
      setImmediate(() => res.end('ok'))
    },
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(get()).got('ok')
      await seen('res 1 close')
    },
  },
  {
    name: 'the request is destroyed within its body',
    watched: { reqData: false },
    handler: (req) => void req.once('data', () => req.destroy()),
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(post(5, 'he'))
      await seen('socket 1 close')
      await peer.ended()
    },
  },
  {
    name: 'a body is read by iteration, and left',
    watched: { reqData: false },
    handler(req, res) {
      void (async () => {
        for await (const chunk of req) {
          res.end(chunk)
          break
        }
      })()
    },
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(post(5, 'he'))
      // The body's rest is not waited for, nor is the connection ended.
      await peer.got('\r\n\r\nhe')
      await seen('res 1 close')
    },
  },
  {
    name: 'a body is read by iteration to its end',
    watched: { reqData: false },
    handler(req, res) {
      void (async () => {
        let text = ''
        for await (const chunk of req) text += String(chunk)
        res.end(`had ${text}`)
      })()
    },
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(post(5, 'hello')).got('had hello')
      await seen('res 1 close')
    },
  },
  {
    name: 'a body is read by iteration, and its client leaves',
    watched: { reqData: false },
    handler(req, _res, { note }) {
      void (async () => {
        try {
          for await (const chunk of req) note(`read ${String(chunk)}`)
        } catch (error) {
          note(`iteration [${(error as NodeJS.ErrnoException).code}]`)
        }
      })()
    },
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(post(5, 'he'))
      await seen('read he')
      peer.leave()
      await seen('iteration')
      await seen('res 1 close')
    },
  },
]
