import type { ExecutionContext } from 'ava'
import type { Client } from '../support/client.ts'
import { type Ended, type Program, start } from '../support/program.ts'
import { connectFor } from '../support/service.ts'

/** An example that runs. */
export interface Example {
  readonly program: Program
  /** Where it is, without a slash at the end. */
  readonly origin: string
  readonly port: number
  /** A new client that speaks bytes. */
  connect(): Promise<Client>
  /** Asks it with the `fetch` of Node; redirects are not followed. */
  ask(path: string, init?: RequestInit): Promise<Response>
}

/** Starts `dist/examples/<name>.js` on a port of its own, and reads its URL from its first line. */
export async function startExample(
  t: ExecutionContext,
  name: string,
  env: Record<string, string> = {},
): Promise<Example> {
  const program = start(t, `examples/${name}`, { env: { PORT: '0', ...env } })
  const line = await program.line()
  const url = /http:\/\/127\.0\.0\.1:(\d+)\//.exec(line)
  if (url === null) throw new Error(`the first line of ${name} has no URL: ${line}`)
  const port = Number(url[1])
  const origin = `http://127.0.0.1:${port}`
  return {
    program,
    origin,
    port,
    connect: () => connectFor(t, port),
    ask: (path, init) => fetch(`${origin}${path}`, { redirect: 'manual', ...init }),
  }
}

/** Tells an example to end, unless it was told, and waits until it has. */
export function stop({ program }: Example): Promise<Ended> {
  if (!program.child.killed) program.child.kill('SIGTERM')
  return program.ended()
}
