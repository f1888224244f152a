import { bytes, createServer, type HttpResult, type Server } from '../../ts/index.ts'
import { hasThreads } from './shared-thread.ts'

/** A server to be ended in the middle of its work: it answers at once, late, and at length. */
export function loadedServer(onRequest: () => void): Server {
  return createServer(
    (req): HttpResult | Promise<HttpResult> => {
      onRequest()
      switch (req.path) {
        case '/late':
          return new Promise((resolve) => setImmediate(resolve, req.buffer))
        case '/large':
          return bytes(new Uint8Array(100_000), { transfer: true })
        default:
          return 'ok'
      }
    },
    { ioThreads: hasThreads ? 2 : 0, onError: () => undefined },
  )
}
