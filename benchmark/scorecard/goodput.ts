import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import type { ServerOptions } from '../../ts/index.ts'
import { residentBytes } from '../cpu.ts'
import { atMost, exactly, type Figure, type Row, type Settings, tell } from './row.ts'

const program = fileURLToPath(new URL('programs/burner.js', import.meta.url))
/** Seconds of each load, requests a second that the handlers can do, milliseconds in which an answer is of use. */
const SECONDS = Number(process.env['FASTHTTP_GOODPUT_SECONDS'] ?? 60)
const CAPACITY = 50
const USEFUL_MS = 1000
const PATIENCE_MS = 5000
const MIB = 2 ** 20

/**
 * Clients that come whether they are answered or not, 1.5, 2 and 4 times as many as the handlers can
 * serve, for `SECONDS` each, at a server with `maxQueueDelay: 500`. Good is a 200 within a second of the time
 * at which its client was to come; and what ran was answered.
 */
export const goodput: Row = {
  name: 'goodput',
  title: 'answers that are of use under overload',
  isAttack: true,
  async measure({ serverCore }) {
    const figures: Figure[] = []
    for (const load of [1.5, 2, 4]) {
      figures.push(...(await underLoad(load, serverCore)))
    }
    return figures
  },
}

async function underLoad(load: number, core: string): Promise<Figure[]> {
  const burner = await startBurner({ maxQueueDelay: 500, ioThreads: 1 }, core)
  try {
    const sent = Math.round(CAPACITY * load * SECONDS)
    const begun = performance.now()
    const answers: Promise<Answer>[] = []
    for (let i = 0; i < sent; i++) {
      const due = begun + (i * 1000) / (CAPACITY * load)
      const early = due - performance.now()
      if (early > 1) await sleep(early)
      answers.push(ask(burner.port, due))
    }
    const all = await Promise.all(answers)
    const ok = all.filter(({ status }) => status === 200)
    const good = ok.filter(({ ms }) => ms <= USEFUL_MS).length
    const ran = await burner.ran()
    const refused = all.filter(({ status }) => status === 503).length
    tell(`${load} x: ${sent} sent, ${ok.length} of 200, ${refused} of 503, ${ran} ran`)
    return [
      {
        what: `goodput at ${load} times the capacity`,
        value: `${((100 * good) / (CAPACITY * SECONDS)).toFixed(1)} %`,
        limit: '>= 90 %',
        passed: good >= 0.9 * CAPACITY * SECONDS,
      },
      atMost('  handlers that ran for each 200', ran / ok.length, 1.02, '', 3),
    ]
  } finally {
    burner.child.kill('SIGKILL')
  }
}

/**
 * The loop of the server is blocked for 6 s, and 400 clients bring bodies of 1 MiB: what they make it hold
 * meanwhile is `maxBufferedBytes` (16 MiB), what a read is beyond it for each of them, and what copying takes.
 */
export const blocked: Row = {
  name: 'blocked',
  title: 'memory of uploads while JavaScript is blocked',
  isAttack: true,
  measure: ({ serverCore }: Settings) => besideUploads(serverCore),
}

const CLIENTS = 400
const BLOCKED_MS = 6000

async function besideUploads(core: string): Promise<Figure[]> {
  const options = { maxBufferedBytes: 16 * MIB, maxBodySize: 2 * MIB, ioThreads: 1 }
  const burner = await startBurner(options, core)
  try {
    await ask(burner.port, performance.now())
    const before = residentBytes(burner.child.pid as number)
    const blocker = ask(burner.port, performance.now(), `GET /block?${BLOCKED_MS} HTTP/1.1\r\n`)
    const body = 'x'.repeat(MIB)
    const upload = `POST /upload HTTP/1.1\r\nContent-Length: ${MIB}\r\n`
    const patience = 10 * PATIENCE_MS
    const uploads = Array.from({ length: CLIENTS }, () =>
      ask(burner.port, performance.now(), upload, body, patience),
    )
    let peak = 0
    for (const end = performance.now() + BLOCKED_MS - 500; performance.now() < end;) {
      await sleep(50)
      peak = Math.max(peak, residentBytes(burner.child.pid as number))
    }
    await blocker
    const served = (await Promise.all(uploads)).filter(({ status }) => status === 200).length
    return [
      atMost('growth, highest reading while blocked', (peak - before) / MIB, 128, 'MiB'),
      exactly('uploads that were served in the end', served, CLIENTS),
    ]
  } finally {
    burner.child.kill('SIGKILL')
  }
}

interface Answer {
  /** 0 for none. */
  readonly status: number
  /** Milliseconds since it was due. */
  readonly ms: number
}

/** One request on a connection of its own. */
function ask(
  port: number,
  due: number,
  head = 'GET / HTTP/1.1\r\n',
  body = '',
  patience = PATIENCE_MS,
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

interface Burner {
  readonly child: ChildProcess
  readonly port: number
  /** How many handlers ran. */
  ran(): Promise<number>
}

async function startBurner(options: ServerOptions, core: string): Promise<Burner> {
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
