import type { EventEmitter } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { scaled } from '../../support/deadline.ts'

/** Milliseconds for one event. */
const DEADLINE = 5_000

/** The properties that programs ask for in listeners; those that hold are written behind an event. */
const FLAGS = {
  req: ['complete', 'aborted', 'destroyed', 'readableEnded', 'readableAborted'],
  res: ['headersSent', 'writableEnded', 'writableFinished', 'destroyed', 'closed'],
  socket: ['destroyed'],
  server: ['listening'],
} as const

const EVENTS = {
  req: ['end', 'aborted', 'close'],
  res: ['prefinish', 'finish', 'drain', 'close', 'pipe', 'unpipe'],
} as const

type Kind = keyof typeof FLAGS

/** What happened on a server, in order, as lines of text. */
export class Record {
  readonly lines: string[] = []
  readonly #numbers = new Map<object, string>()
  readonly #counts: { [kind in Kind]?: number } = {}
  #waiting: { readonly test: () => boolean; readonly wake: () => void }[] = []

  /** Writes a line. */
  note(line: string): void {
    this.lines.push(line)
    this.#waiting = this.#waiting.filter(({ test, wake }) => {
      if (!test()) return true
      wake()
      return false
    })
  }

  /** The name of an object: its kind, and which one of them. */
  name(kind: Kind, object: object): string {
    const known = this.#numbers.get(object)
    if (known !== undefined) return known
    const number = (this.#counts[kind] ?? 0) + 1
    this.#counts[kind] = number
    const name = kind === 'server' ? kind : `${kind} ${number}`
    this.#numbers.set(object, name)
    return name
  }

  /** Writes an event of an object with the properties that hold now. */
  event(kind: Kind, object: object, event: string, more = ''): void {
    const held = FLAGS[kind].filter(
      (flag) => (object as { [name: string]: unknown })[flag] === true,
    )
    this.note([this.name(kind, object), event, more, ...held].filter(Boolean).join(' '))
  }

  /** Writes an error by its code, which is what programs look at. */
  failed(kind: Kind, object: object, event: string, error: unknown): void {
    const { code, message } = (error ?? {}) as NodeJS.ErrnoException
    this.event(kind, object, event, `[${code ?? message ?? 'none'}]`)
  }

  /** Waits until a line begins so, the `times`th of them; the barrier that makes an order certain. */
  async seen(start: string, times = 1): Promise<void> {
    const test = (): boolean => this.lines.filter((line) => line.startsWith(start)).length >= times
    if (test()) return
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`no ${start} (${times}) in\n${this.lines.join('\n')}`))
      }, scaled(DEADLINE))
      this.#waiting.push({
        test,
        wake: () => {
          clearTimeout(late)
          resolve()
        },
      })
    })
  }
}

function watch(record: Record, kind: 'req' | 'res', object: EventEmitter): void {
  for (const event of EVENTS[kind]) {
    // How often a response drains depends on the buffers of the kernel.
    const listen = event === 'drain' ? object.once : object.on
    Reflect.apply(listen, object, [event, () => record.event(kind, object, event)])
  }
}

/** What a scenario has recorded besides what always is. Some listeners change what a server does. */
export interface Watched {
  /** `error` of requests, which without a listener is not emitted. */
  readonly reqError?: boolean
  /** `data` of requests, which makes them flow. */
  readonly reqData?: boolean
  /** `error` of sockets, which without a listener is node's own affair. */
  readonly socketError?: boolean
  /** `end` and `finish` of sockets. */
  readonly socketEnd?: boolean
}

/** Records a connection from when the server tells of it. */
export function watchSocket(
  record: Record,
  socket: Socket,
  { socketEnd, socketError }: Watched,
): void {
  record.event('socket', socket, 'connection')
  let isFinished = false
  if (socketEnd) {
    socket.on('end', () => record.event('socket', socket, 'end'))
    // A turn of the loop sooner or later.
    socket.on('finish', () => (isFinished = true))
  }
  socket.on('close', (hadError: boolean) => {
    const more = [hadError ? 'hadError' : '', isFinished ? 'finished' : '']
    record.event('socket', socket, 'close', more.filter(Boolean).join(' '))
  })
  if (socketError) socket.on('error', (error) => record.failed('socket', socket, 'error', error))
}

/** Records a request and its response from when the handler gets them. */
export function watchRequest(
  record: Record,
  event: string,
  req: IncomingMessage,
  res: ServerResponse | undefined,
  watched: Watched,
): void {
  record.event('req', req, event, `${req.method} ${req.url}`)
  watch(record, 'req', req)
  if (watched.reqError ?? true)
    req.on('error', (error) => record.failed('req', req, 'error', error))
  if (watched.reqData ?? true) {
    let size = 0
    req.on('data', (chunk: Buffer) => {
      // In how many pieces a body comes depends on the network.
      if (size === 0) record.event('req', req, 'data')
      size += chunk.length
    })
    req.on('end', () => record.note(`${record.name('req', req)} had ${size} bytes`))
  }
  if (res === undefined) return
  record.name('res', res)
  watch(record, 'res', res)
  res.on('error', (error) => record.failed('res', res, 'error', error))
}

/** Records what a server tells without being changed by it. */
export function watchServer(record: Record, server: Server): void {
  server.on('close', () => record.event('server', server, 'close'))
}
