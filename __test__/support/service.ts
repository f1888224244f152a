import type { ExecutionContext } from 'ava'
import type { AddressInfo } from 'node:net'
import {
  createServer,
  type AppendOptions,
  type Handler,
  type HttpRequest,
  type ListenOptions,
  type OnError,
  type Router,
  type Server,
} from '../../ts/index.ts'
import { Client, type Target } from './client.ts'
import { within } from './deadline.ts'

/** What servers and clients end with: a test, or whatever else runs functions at its end. */
export type Scope = Pick<ExecutionContext, 'teardown'>

/** A server of one test. */
export interface Service {
  readonly server: Server
  readonly port: number
  /** What `onError` heard of. */
  readonly errors: { error: unknown; req: HttpRequest | undefined }[]
  /** A new client, dropped when the test is over. */
  connect(target?: Target): Promise<Client>
}

/** Has a server listen that ends with the test; the port of a path is 0. */
export async function listening(
  t: Scope,
  server: Server,
  listen: ListenOptions,
): Promise<{ address: AddressInfo | string; port: number }> {
  await within('listen', server.listen(listen))
  const address = server.address() as AddressInfo | string
  const port = typeof address === 'string' ? 0 : address.port
  t.teardown(async () => {
    const closed = server.close()
    server.closeAllConnections()
    await within('close of the server', closed)
  })
  return { address, port }
}

/** Time for clients that send byte by byte, on a machine that has much else to do. */
const PATIENT = { headersTimeout: 300_000, bodyTimeout: 300_000 }

/** Starts a server on 127.0.0.1 that ends with the test. */
export async function serve(
  t: Scope,
  handler: Handler | Router | undefined,
  options: Partial<AppendOptions> = {},
  listen: ListenOptions = { host: '127.0.0.1' },
): Promise<Service> {
  const errors: Service['errors'] = []
  const onError: OnError = (error, req) => void errors.push({ error, req })
  // Neither may be longer than the whole request.
  const times = options.requestTimeout === undefined ? PATIENT : {}
  const all = { onError, ...times, ...options }
  const server =
    handler === undefined ? createServer(all as AppendOptions) : createServer(all, handler)
  const { address, port } = await listening(t, server, listen)
  return {
    server,
    port,
    errors,
    connect: (target) => connectFor(t, target ?? (typeof address === 'string' ? address : port)),
  }
}

/** A client that is dropped when the test is over. */
export async function connectFor(t: Scope, target: Target): Promise<Client> {
  const client = await Client.connect(target)
  t.teardown(() => void client.socket.destroy())
  return client
}

/** Runs `task` for every item, a bounded number of them at a time. */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) await task(items[next++] as T)
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
}
