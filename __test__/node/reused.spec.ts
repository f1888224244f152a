import test from 'ava'
import { once } from 'node:events'
import http, { type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from '../../ts/node/index.ts'
import { until, within } from '../support/deadline.ts'

/** Since Node 20. */
type Resizable = ArrayBuffer & { resize(length: number): void }
const NewBuffer = ArrayBuffer as new (length: number, options?: object) => ArrayBuffer

/** What becomes of memory in the turn in which it was written. */
const DEEDS: Record<string, (bytes: Uint8Array<ArrayBuffer>) => void> = {
  'is written over': (bytes) => void bytes.fill(0x53),
  'is transferred': ({ buffer }) => void structuredClone(buffer, { transfer: [buffer] }),
  'is cut off': ({ buffer }) => (buffer as Resizable).resize(0),
}

/** How it is written. */
const WAYS: Record<string, (res: ServerResponse, bytes: Uint8Array) => void> = {
  end: (res, bytes) => void res.end(bytes),
  'write and end': (res, bytes) => {
    res.write(bytes)
    res.end()
  },
}

/** An answer of the server, and whether it is what was written. */
async function isWhole(server: Server, size: number): Promise<boolean> {
  const { port } = server.address() as AddressInfo
  const req = http.get({ port, host: '127.0.0.1', agent: false })
  const [res] = (await within('an answer', once(req, 'response'))) as [http.IncomingMessage]
  let [length, isRight] = [0, true]
  for await (const chunk of res as AsyncIterable<Buffer>) {
    length += chunk.length
    isRight &&= chunk.every((byte) => byte === 0x62)
  }
  return isRight && length === size
}

// Node has handed it to the kernel by then, as far as that has room; this much of it is as good as handed over here.
for (const [what, deed] of Object.entries(DEEDS))
  for (const [how, write] of Object.entries(WAYS))
    for (const ioThreads of [0, 1])
      test(`memory that ${what} behind ${how} is sent as it was, ${ioThreads} I/O threads`, async (t) => {
        let size = 0
        const server = createServer({ ioThreads }, (_req, res) => {
          const buffer =
            what === 'is cut off'
              ? new NewBuffer(size, { maxByteLength: size })
              : new ArrayBuffer(size)
          const bytes = new Uint8Array(buffer).fill(0x62)
          res.setHeader('Content-Length', size)
          write(res, bytes)
          deed(bytes)
        })
        server.listen(0, '127.0.0.1')
        if (!server.listening) await within('listening', once(server, 'listening'))
        for (size of [9000, 64 << 10, 262_144, 1_000_000, 3_000_000])
          t.true(await isWhole(server, size), `${size} bytes`)
        await within('close', new Promise((resolve) => server.close(resolve)))
      })

const LETTERS = [...'abcdefgh']
const BODY = 'when a piece of the body has come'
const letterOf = (req: http.IncomingMessage): string => req.url?.at(1) as string

/** Where a handler writes, and of what sizes one buffer may serve all clients there. */
const PLACES: Record<string, { sizes: number[]; handler(scratch: Buffer): http.RequestListener }> =
  {
    'in the handler': {
      sizes: [10, 20_000, 300_000],
      handler: (scratch) => (req, res) => {
        res.write(scratch.fill(letterOf(req)))
        setImmediate(() => res.end())
      },
    },
    'behind a promise': {
      sizes: [10, 4096],
      handler: (scratch) => async (req, res) => {
        await Promise.resolve()
        res.write(scratch.fill(letterOf(req)))
        setImmediate(() => res.end())
      },
    },
    [BODY]: {
      sizes: [10, 20_000, 300_000],
      handler: (scratch) => (req, res) => {
        req.once('data', () => res.write(scratch.fill(letterOf(req))))
        req.once('end', () => setImmediate(() => res.end()))
      },
    },
    'when there is room again': {
      sizes: [20_000, 300_000],
      handler: (scratch) => (req, res) => {
        const all = scratch.length * 10
        let rest = all
        res.setHeader('X-Length', all)
        const write = (): void => {
          while (rest > 0) {
            rest -= scratch.length
            if (!res.write(scratch.fill(letterOf(req)))) return void res.once('drain', write)
          }
          res.end()
        }
        write()
      },
    },
  }

/** Whether all of an answer is of this letter, and how long it is. */
async function lettersOf(req: http.ClientRequest, letter: string): Promise<[boolean, number]> {
  const [res] = (await once(req, 'response')) as [http.IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of res as AsyncIterable<Buffer>) chunks.push(chunk)
  const all = Buffer.concat(chunks)
  return [all.every((byte) => byte === letter.charCodeAt(0)), all.length]
}

for (const [place, { sizes, handler }] of Object.entries(PLACES))
  for (const size of sizes)
    for (const ioThreads of [0, 1])
      test(`one buffer serves all clients ${place}, ${size} bytes, ${ioThreads} I/O threads`, async (t) => {
        const listener = handler(Buffer.alloc(size))
        let heads = 0
        const server = createServer({ ioThreads }, (req, res) => {
          heads++
          listener(req, res)
        })
        server.listen(0, '127.0.0.1')
        if (!server.listening) await within('listening', once(server, 'listening'))
        const { port } = server.address() as AddressInfo
        const requests = LETTERS.map((letter) => {
          const method = place === BODY ? 'PUT' : 'GET'
          return http.request({ port, host: '127.0.0.1', agent: false, path: `/${letter}`, method })
        })
        const answers = requests.map((req, i) => lettersOf(req, LETTERS[i] as string))
        if (place === BODY) {
          // Heads first, so that the bodies come together.
          for (const req of requests) req.flushHeaders()
          await until('heads', () => heads === LETTERS.length)
        }
        for (const req of requests) req.end(place === BODY ? 'body' : '')
        const expected = place === 'when there is room again' ? size * 10 : size
        t.deepEqual(
          await within('answers', Promise.all(answers)),
          LETTERS.map(() => [true, expected]),
        )
        await within('close', new Promise((resolve) => server.close(resolve)))
      })
