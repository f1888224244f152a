import type { Scope } from '../support/service.ts'
import { freePort } from '../support/place.ts'
import { type Program, start } from '../support/program.ts'
import { Client } from '../support/client.ts'
import { gate, within } from '../support/deadline.ts'

/** What came of requests while servers were restarted. */
export interface Restarted {
  readonly answered: number
  /** Requests that were sent a second time, as their connection ended without an answer. */
  readonly retried: number
  /** What happened to those that were not answered then either. */
  readonly lost: readonly string[]
  /** How the processes ended that did not end well. */
  readonly badEnds: readonly string[]
}

/**
 * Two processes share one address by `reusePort`. Each in turn gets SIGTERM, closes, ends, and is
 * replaced by a new one, while keep-alive clients send requests without pause. A client whose connection
 * ends before the answer sends the request once more, on a new connection.
 */
export async function restart(scope: Scope, restarts: number, clients: number): Promise<Restarted> {
  const port = await freePort('127.0.0.1')
  const begin = async (): Promise<Program> => {
    const program = start(scope, 'restarted-server', { args: [String(port)] })
    await program.line()
    return program
  }
  const programs = [await begin(), await begin()]
  const load = new Load(port)
  const working = Promise.all(Array.from({ length: clients }, () => load.work()))
  const badEnds: string[] = []
  try {
    for (let i = 0; i < restarts; i++) {
      await load.more(clients * 4)
      const old = programs[i % 2] as Program
      old.child.kill('SIGTERM')
      const { code, signal, stderr } = await old.ended()
      if (code !== 0 || stderr !== '') badEnds.push(`restart ${i}: ${code} ${signal} ${stderr}`)
      programs[i % 2] = await begin()
    }
    await load.more(clients * 4)
  } finally {
    load.isOver = true
    for (const { child } of programs) child.kill('SIGKILL')
  }
  await within('end of the clients', working)
  return { answered: load.answered, retried: load.retried, lost: load.lost, badEnds }
}

/** Keep-alive clients without a pause. */
class Load {
  readonly lost: string[] = []
  answered = 0
  retried = 0
  isOver = false
  readonly #port: number
  #moved = gate()

  constructor(port: number) {
    this.#port = port
  }

  /** Waits for so many more answers. */
  async more(count: number): Promise<void> {
    const wanted = this.answered + count
    while (this.answered < wanted) await within('more answers', this.#moved.promise)
  }

  /** One client. */
  async work(): Promise<void> {
    let client: Client | undefined
    for (let i = 0; !this.isOver; i++) {
      try {
        client = await this.#request(client, `/${i}`)
      } catch (first) {
        if (this.isOver) return
        client?.socket.destroy()
        this.retried++
        try {
          client = await this.#request(undefined, `/${i}`)
        } catch (second) {
          if (this.isOver) return
          this.lost.push(`request ${i}: ${(first as Error).message}; ${(second as Error).message}`)
          client = undefined
        }
      }
    }
    client?.socket.destroy()
  }

  /** Sends one request; gives the connection for the next one, if it stays. */
  async #request(kept: Client | undefined, path: string): Promise<Client | undefined> {
    const client = kept ?? (await Client.connect(this.#port))
    const reply = await client.get(path)
    if (reply.status !== 200 || reply.text !== path)
      throw new Error(`${reply.status} ${reply.text}`)
    this.answered++
    this.#moved.open()
    this.#moved = gate()
    if (reply.header('connection') !== 'close') return client
    client.socket.destroy()
    return undefined
  }
}
