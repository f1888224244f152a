import { createServer, type FetchHandler, type FetchServerOptions } from '../../ts/fetch/index.ts'
import type { Client, Target } from '../support/client.ts'
import { connectFor, listening, type Scope } from '../support/service.ts'
import type { ListenOptions, Server } from '../../ts/index.ts'

/** A server of the fetch door that ends with its test. */
export interface Served {
  readonly server: Server
  readonly port: number
  /** What `onError` heard of. */
  readonly errors: unknown[]
  /** A new client, dropped when the test is over. */
  connect(target?: Target): Promise<Client>
}

/** Starts one on 127.0.0.1. */
export async function serve(
  t: Scope,
  fetch: FetchHandler,
  options: FetchServerOptions = {},
  listen: ListenOptions = { host: '127.0.0.1' },
): Promise<Served> {
  const errors: unknown[] = []
  const server = createServer(fetch, { onError: (error) => void errors.push(error), ...options })
  const { port } = await listening(t, server, listen)
  return { server, port, errors, connect: (target = port) => connectFor(t, target) }
}

/** Has a handler look at its request, and gives what it saw. */
export async function look<T>(
  t: Scope,
  bytes: string | Uint8Array,
  see: (...args: Parameters<FetchHandler>) => T | Promise<T>,
  options?: FetchServerOptions,
): Promise<T> {
  let seen: T | undefined
  const { connect, errors } = await serve(
    t,
    async (...args) => {
      seen = await see(...args)
      return new Response('seen')
    },
    options,
  )
  const reply = await (await connect()).send(bytes).reply()
  if (errors.length > 0) throw errors[0]
  if (reply.status !== 200) throw new Error(`the answer is ${reply.status} ${reply.text}`)
  return seen as T
}
