import { fork } from 'node:child_process'
import type { ExecutionContext } from 'ava'
import { fileURLToPath } from 'node:url'
import { gate, within } from './deadline.ts'

/** A client in a process of its own that sends many requests. */
export interface Flood {
  readonly port: number
  /** How many in all. */
  readonly requests: number
  readonly connections: number
  /** Requests that one connection sends before it reads. */
  readonly pipelined: number
  /** One request; every answer must have the same length. */
  readonly request: string
}

/** Floods a server; rejects if nothing moves for as long as `within` waits. Resolves with the number of answers. */
export async function flood(t: ExecutionContext, options: Flood): Promise<number> {
  const file = fileURLToPath(new URL('../programs/flood.js', import.meta.url))
  const child = fork(file, { execArgv: [], silent: true })
  t.teardown(() => void child.kill('SIGKILL'))
  let [moved, answered, said, failed] = [gate(), 0, '', false]
  child.on('message', (count: number) => {
    answered = count
    moved.open()
  })
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.on('close', (code, signal) => {
    said += `exit ${code} ${signal}`
    failed = code !== 0
    moved.open()
  })
  child.send(options)
  while (answered < options.requests) {
    await within(`an answer after ${answered}`, moved.promise)
    if (failed) throw new Error(`the flood ended after ${answered} answers: ${said}`)
    moved = gate()
  }
  return answered
}
