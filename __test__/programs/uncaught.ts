// A server whose handlers let exceptions out of places that nobody calls but us. Tells of each that is
// uncaught, if it is asked to hear of them, and then answers what waits; else the process ends.
import type { Socket } from 'node:net'
import { createServer, type HttpRequest, type HttpResult } from '../../ts/index.ts'

const [, , hears] = process.argv
const boom = (where: string): never => {
  throw new Error(`boom in ${where}`)
}
const BODY = 1 << 20
const RAW_HEAD = `HTTP/1.1 200 OK\r\nContent-Length: ${BODY}\r\n\r\n`

/** Allocations of this size fail, once. */
let fails = 0
const { allocUnsafeSlow } = Buffer
Buffer.allocUnsafeSlow = (size) => {
  if (fails > 0 && size === fails) {
    fails = 0
    throw new RangeError('boom in an allocation')
  }
  return allocUnsafeSlow(size)
}

let answerLate: (text: string) => void = () => undefined
let answer: (text: string) => void = () => undefined
if (hears === 'hears') {
  process.on('uncaughtException', (error) => {
    console.log(error.message)
    answer('held')
  })
}

/** An object that fails whatever is asked of it. */
const hostile = new Proxy(Object.create(null) as object, {
  get: () => boom('a trap'),
  has: () => boom('a trap'),
  getPrototypeOf: () => boom('a trap'),
  ownKeys: () => boom('a trap'),
})

function cases(req: HttpRequest): Promise<HttpResult> | HttpResult {
  switch (req.path) {
    case '/drain': {
      const raw = req.raw()
      raw.on('drain', () => boom('drain'))
      raw.write(RAW_HEAD)
      raw.write('x'.repeat(BODY))
      return ''
    }
    case '/write': {
      const raw = req.raw()
      raw.write(RAW_HEAD)
      raw.write('x'.repeat(BODY), () => boom('write'))
      return ''
    }
    case '/prefinish': {
      const raw = req.raw()
      raw.on('prefinish', () => boom('prefinish'))
      raw.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      return ''
    }
    case '/connect': {
      const socket: Socket = req.takeover()
      socket.on('connect', () => boom('connect'))
      setImmediate(() => answerLate('late'))
      return ''
    }
    case '/late':
      return new Promise((resolve) => (answerLate = resolve))
    case '/hostile':
      throw hostile
    case '/hostile-raw':
      req.raw()
      throw hostile
    case '/chunk':
      fails = 64 << 10
      return 'ok'
    case '/held':
      return new Promise((resolve) => (answer = resolve))
    default:
      return req.path
  }
}

const server = createServer(cases, { ioThreads: 1, onError: () => boom('onError') })
await server.listen(0, '127.0.0.1')
console.log((server.address() as { port: number }).port)
process.stdin.on('end', () => void server.close())
process.stdin.resume()
