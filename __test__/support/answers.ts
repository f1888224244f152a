import { once } from 'node:events'
import { pipeline } from 'node:stream/promises'
import {
  file,
  type Handler,
  HttpError,
  type HttpRequest,
  type HttpResult,
  type ServerOptions,
  sse,
  stream,
} from '../../ts/index.ts'
import { type Client, get } from './client.ts'
import { within } from './deadline.ts'
import { chunks, type Course, echo, readable, webStream } from './sources.ts'

/** A kind of answer that goes on until it is let end; at `/head` it has sent no body until then. */
export interface Kind {
  readonly name: string
  readonly options?: ServerOptions
  request(path: string): string
  answer(req: HttpRequest, course: Course): HttpResult | Promise<HttpResult>
  /** Reads as far as it goes at that path, and leaves the rest unread. */
  reach(client: Client, path: string): Promise<unknown>
  /** Reads the rest; rejects if it is not whole. */
  whole(client: Client): Promise<unknown>
  /** Whether it begins, and counts that, when the file is found missing: not for a client that is gone. */
  readonly isLate?: boolean
  /** Whether anybody is told when it is broken off. */
  readonly tells: boolean
  /** Whether a client that has sent FIN still gets all of it. */
  readonly outlivesFin: boolean
}

/** Bytes of the file of a course: more than the buffers of a connection take. */
export const FILE: number = 24 << 20
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n'
const UPLOAD = 1000
const LENGTH = { headers: { 'Content-Length': String(UPLOAD) } }
const BEGUN = 100_000

/** A kind whose body is streamed from what `open` makes. */
function streamed(
  name: string,
  open: (first: string | undefined, course: Course) => HttpResult,
): Kind {
  return {
    name,
    request: get,
    answer: (req, course) => open(req.path === '/head' ? undefined : 'first', course),
    async reach(client, path) {
      await within('head', client.through('\r\n\r\n'))
      if (path !== '/head') await within('chunk', client.through('first'))
    },
    whole: (client) => within('last chunk', client.through('0\r\n\r\n')),
    tells: true,
    outlivesFin: false,
  }
}

const FILE_ANSWER: Kind = {
  name: 'a file',
  request: get,
  answer: (_req, course) => file(course.path),
  async reach(client, path) {
    await within('head', client.through('\r\n\r\n'))
    if (path !== '/head') await within('bytes', client.exactly(BEGUN))
    client.socket.pause()
  },
  whole(client) {
    client.socket.resume()
    return within('file', client.exactly(FILE - BEGUN))
  },
  tells: false,
  outlivesFin: true,
}

const UPLOADED: Kind = {
  name: 'an upload',
  options: { bodyMode: 'stream' },
  request(path) {
    const part = path === '/head' ? '' : 'x'.repeat(UPLOAD / 2)
    return `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${UPLOAD}\r\n\r\n${part}`
  },
  async answer(req, course) {
    let size = 0
    try {
      for await (const piece of req) size += piece.length
    } catch (error) {
      // Its client left, or the server has answered in its place.
      const isLeft = (error as NodeJS.ErrnoException).code === 'ECONNRESET'
      if (!isLeft && !(error instanceof HttpError)) throw error
      course.told++
    }
    return String(size)
  },
  reach: () => Promise.resolve(),
  async whole(client) {
    const reply = await client.send('x'.repeat(UPLOAD / 2)).reply()
    if (reply.text !== String(UPLOAD)) throw new Error(`${reply.text} bytes`)
  },
  tells: true,
  outlivesFin: false,
}

/** An upload that is sent back as it comes. */
const ECHOED: Kind = {
  ...UPLOADED,
  name: 'an echo',
  answer: (req, course) => stream(echo(req, course), LENGTH),
  async reach(client, path) {
    await within('head', client.through('\r\n\r\n'))
    if (path !== '/head') await within('echo', client.exactly(UPLOAD / 2))
  },
  whole: (client) => within('echo', client.send('x'.repeat(UPLOAD / 2)).exactly(UPLOAD / 2)),
}

/** The same by hand. */
const ECHOED_BY_HAND: Kind = {
  ...ECHOED,
  name: 'an echo by hand',
  async answer(req, course) {
    const out = req.raw()
    out.write(`HTTP/1.1 200 OK\r\nContent-Length: ${UPLOAD}\r\n\r\n`)
    await pipeline(echo(req, course), out).catch(() => undefined)
    return ''
  },
}

const BY_HAND: Kind = {
  name: 'an answer by hand',
  request: get,
  answer(req, course) {
    const out = req.raw()
    let isWhole = false
    out.on('close', () => (course.told += isWhole ? 0 : 1))
    out.write(req.path === '/head' ? HEAD : `${HEAD}first`)
    void course.finish.then(() => {
      isWhole = true
      return out.end(req.path === '/head' ? 'firstfirst' : 'first')
    })
    return ''
  },
  async reach(client, path) {
    await within('head', client.through('\r\n\r\n'))
    if (path !== '/head') await within('part', client.exactly(5))
  },
  whole: (client) => within('rest', client.exactly(5)),
  tells: true,
  outlivesFin: false,
}

/** A file that is missing, and an answer in its place that takes its time. */
const MISSING: Kind = {
  name: 'an answer in place of a file',
  request: get,
  answer: (req, course) =>
    file(`${course.path}.missing`, {
      async onMissing() {
        course.made++
        const aborted = new Promise((resolve) => {
          if (req.signal.aborted) resolve('left')
          else req.signal.addEventListener('abort', () => resolve('left'))
        })
        if ((await Promise.race([course.finish, aborted])) === 'left') course.told++
        return 'late'
      },
    }),
  reach: () => Promise.resolve(),
  async whole(client) {
    const { text } = await client.reply()
    if (text !== 'late') throw new Error(text)
  },
  isLate: true,
  tells: true,
  outlivesFin: true,
}

/** A connection that is taken over; the server's end does not touch it. */
export const TAKEN: Kind = {
  name: 'a takeover',
  request: get,
  answer(req, course) {
    try {
      const socket = req.takeover().on('error', () => undefined)
      socket.on('close', () => course.told++).resume()
      socket.write('first')
    } catch (error) {
      // The client is gone already.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_INVALID_STATE') throw error
      course.told++
    }
    return ''
  },
  reach: (client) => within('part', client.exactly(5)),
  whole: () => Promise.resolve(),
  tells: true,
  outlivesFin: false,
}

/** Every kind that belongs to the server to its end. */
export const KINDS: readonly Kind[] = [
  FILE_ANSWER,
  streamed('an iterator', (first, course) =>
    stream({ [Symbol.asyncIterator]: () => chunks(first, course) }),
  ),
  streamed('a web stream', (first, course) => stream(webStream(first, course))),
  streamed('a Readable', (first, course) => stream(readable(first, course))),
  streamed('events', (first, course) =>
    sse({ [Symbol.asyncIterator]: () => chunks(first, course) }, { keepAlive: 5 }),
  ),
  UPLOADED,
  ECHOED,
  ECHOED_BY_HAND,
  BY_HAND,
  MISSING,
]

/** Answers as `kind` does; at `/before` when its client has left. */
export function answering(kind: Kind, course: Course): Handler {
  return async (req) => {
    if (req.path === '/witness') return 'ok'
    const left = req.path === '/before' && !req.signal.aborted && once(req.signal, 'abort')
    course.arrived++
    await left
    if (kind.isLate !== true) course.made++
    return kind.answer(req, course)
  }
}
