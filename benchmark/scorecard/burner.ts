import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'

import type { ServerOptions } from '../../ts/index.ts'

const program = fileURLToPath(new URL('programs/burner.js', import.meta.url))
const PATIENCE_MS = 5000

/** What came of a request. */
export interface Answer {
  /** 0 for none. */
  readonly status: number
  /** Milliseconds since it was due. */
  readonly ms: number
}

/** One request on a connection of its own. */
export function ask(
  port: number,
  due: number,
  head = 'GET / HTTP/1.1\r\n',
  body = '',
  patience: number = PATIENCE_MS,
): Promise<Answer> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(port, '127.0.0.1')
    const end = (): void => {
      socket.destroy()
      resolve({ status: Number(text.slice(9, 12)), ms: performance.now() - due })
    }
    socket.setTimeout(patience, end)
    socket.on('data', (data) => (text += data.toString('latin1')))
    socket.on('end', end).on('error', end)
    socket.write(`${head}Host: localhost\r\nConnection: close\r\n\r\n${body}`)
  })
}

/** A server whose handlers burn, in a process of its own. */
export interface Burner {
  readonly child: ChildProcess
  readonly port: number
  /** How many handlers ran. */
  ran(): Promise<number>
}

/** Starts one on a core. */
export async function startBurner(options: ServerOptions, core: string): Promise<Burner> {
  const command = ['-c', core, process.execPath, program, JSON.stringify(options)]
  const child = spawn('taskset', command, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  process.on('exit', () => child.kill('SIGKILL'))
  const word = async (): Promise<number> => ((await once(child, 'message')) as [number])[0]
  const port = await word()
  return {
    child,
    port,
    ran() {
      child.send('ran')
      return word()
    },
  }
}
