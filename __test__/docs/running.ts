import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { until, within } from '../support/deadline.ts'
import type { Block, Exchange } from './markdown.ts'

/** The program of a block while it runs. */
export interface Running {
  /** The port of its server; `undefined` if it has ended without one. */
  port(): Promise<number | undefined>
  /** Waits for its end. */
  ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** What it has printed, its errors behind that. */
  said(): string
  /** Waits until it has printed this, or has ended. */
  prints(text: string): Promise<void>
  /** Asks it to end. */
  terminate(): void
  /** Ends it. */
  kill(): void
}

/** Where it runs, and a port for workers of a cluster. */
export interface Place {
  readonly cwd: string
  readonly port: number
}

const preload = new URL('./preload.js', import.meta.url).href
const LISTENS = /^listens: \d+ (\d+)$/m

/** Starts a program. */
export function run(file: string, { cwd, port }: Place): Running {
  const child = spawn(process.execPath, ['--import', preload, file], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', DOCS_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  const end = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  let hasEnded = false
  void end.then(() => (hasEnded = true))
  const listens = new Promise<number | undefined>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      const found = LISTENS.exec(stdout)
      if (found !== null) resolve(Number(found[1]))
    })
    void end.then(() => resolve(undefined))
  })
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return {
    port: () => within('listening, or the end', listens),
    ended: async () => {
      const [code, signal] = await within('the end', end)
      return { code, signal }
    },
    said: () => stdout + stderr,
    prints: (text) =>
      until(JSON.stringify(text), () => hasEnded || (stdout + stderr).includes(text)),
    terminate: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  }
}

/** What is wrong with the program of a block: it is started, asked what the block says, and ended. */
export async function problemsOf(block: Block, file: string, place: Place): Promise<string[]> {
  const program = run(file, place)
  try {
    const problems = await conversation(block, program)
    const said = program.said()
    for (const line of block.prints) {
      if (!said.includes(line)) problems.push(`does not print ${JSON.stringify(line)}`)
    }
    return problems.length === 0 ? problems : [...problems, `it said: ${said}`]
  } catch (error) {
    return [(error as Error).message, `it said: ${program.said()}`]
  } finally {
    program.kill()
  }
}

/** One that prints ends by itself; one that serves is asked and then told to end. */
async function conversation(block: Block, program: Running): Promise<string[]> {
  const problems: string[] = []
  const port = await program.port()
  if (port === undefined && block.exchanges.length > 0) problems.push('does not listen')
  const isServer = block.exchanges.length > 0 || block.prints.length === 0
  if (port !== undefined && isServer) {
    for (const exchange of block.exchanges) problems.push(...(await ask(port, exchange)))
    if (block.exchanges.length === 0) problems.push(...(await askAnything(port)))
    else if (!block.exchanges.some(({ status }) => isHandled(status)))
      problems.push('it is asked nothing that its handler answers')
    // Some of it is printed behind the answer.
    for (const line of block.prints) await program.prints(line)
    return [...problems, ...(await ending(program))]
  }
  const { code, signal } = await program.ended()
  if (code !== 0) problems.push(`ends with ${signal ?? code}`)
  return problems
}

/** Ends a server, which may do so in its own way. */
async function ending(program: Running): Promise<string[]> {
  program.terminate()
  const { code, signal } = await program.ended()
  return code === 0 || signal === 'SIGTERM' ? [] : [`ends with ${signal ?? code}`]
}

async function ask(port: number, exchange: Exchange): Promise<string[]> {
  const { method, target, status, holds, answered } = exchange
  const answer = await exchanged(port, exchange)
  const problems: string[] = []
  if (answer.status !== status) problems.push(`${answer.status} and not ${status}`)
  if (!answer.body.includes(holds)) {
    problems.push(`${JSON.stringify(answer.body.slice(0, 200))} without ${JSON.stringify(holds)}`)
  }
  for (const [name, value] of answered) {
    const got = answer.headers[name.toLowerCase()]
    if (!String(got).includes(value)) problems.push(`${name}: ${String(got)} and not ${value}`)
  }
  return problems.map((problem) => `${method} ${target} is answered ${problem}`)
}

/** Whether a handler has answered as it should, and not the server that found none. */
function isHandled(status: number): boolean {
  return status < 500 && status !== 404
}

/** Where a block says nothing: any answer that is no failure. */
async function askAnything(port: number): Promise<string[]> {
  const exchange = { method: 'GET', target: '/', headers: [], body: '' }
  const { status } = await exchanged(port, exchange)
  return isHandled(status) ? [] : [`GET / is answered ${status}: nothing else is asked`]
}

interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}

type Question = Pick<Exchange, 'method' | 'target' | 'headers' | 'body'>

async function exchanged(
  port: number,
  { method, target, headers, body }: Question,
): Promise<Answer> {
  const req = request({ host: '127.0.0.1', port, method, path: target, agent: false })
  for (const [name, value] of headers) req.setHeader(name, value)
  req.end(body)
  const answering = once(req, 'response') as Promise<[IncomingMessage]>
  const [res] = await within(`an answer to ${method} ${target}`, answering)
  const read = async (): Promise<string> => {
    let text = ''
    for await (const chunk of res.setEncoding('utf8')) {
      text += chunk as string
      // Events go on for ever.
      if (res.headers['content-type']?.startsWith('text/event-stream') === true) break
    }
    return text
  }
  const text = await within(`the body of ${method} ${target}`, read())
  return { status: res.statusCode ?? 0, headers: res.headers, body: text }
}
