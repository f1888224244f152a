// A client in raw bytes, for what wrk does not do: to check an answer and to time single answers.

import { connect as connectSocket, type Socket } from 'node:net'

/** One answer as it came over the wire. */
export interface Answer {
  readonly status: number
  readonly body: string
}

/** Opens a connection to the server on `port`. */
export function connect(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ port, host: '127.0.0.1', noDelay: true })
    // For good, as a reset without a listener would end the process; `receive` hears of it by the close.
    socket.on('error', reject)
    socket.once('connect', () => resolve(socket))
  })
}

/** Receives `count` answers from `socket`; rejects when it closes before or stays silent for 10 seconds. */
export function receive(socket: Socket, count = 1): Promise<Answer[]> {
  return new Promise((resolve, reject) => {
    const answers: Answer[] = []
    let rest: Buffer = Buffer.alloc(0)
    const take = (chunk: Buffer): void => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      try {
        for (let taken = takeAnswer(rest); taken; taken = takeAnswer(rest)) {
          answers.push(taken.answer)
          rest = rest.subarray(taken.length)
        }
      } catch (error) {
        return finish((error as Error).message)
      }
      if (answers.length >= count) finish()
    }
    const finish = (reason?: string): void => {
      clearTimeout(deadline)
      socket.off('data', take).off('close', onClose)
      if (reason === undefined) resolve(answers)
      else reject(new Error(`${reason} after ${answers.length} of ${count} answers`))
    }
    const onClose = (): void => finish('the connection was closed')
    const deadline = setTimeout(finish, 10_000, 'silence')
    socket.on('data', take).on('close', onClose)
  })
}

/** Sends `request` on a connection of its own and gives the answer to it. */
export async function exchange(port: number, request: Buffer, count = 1): Promise<Answer[]> {
  const socket = await connect(port)
  try {
    const answers = receive(socket, count)
    socket.write(request)
    return await answers
  } finally {
    socket.destroy()
  }
}

function takeAnswer(bytes: Buffer): { answer: Answer; length: number } | undefined {
  const headLength = bytes.indexOf('\r\n\r\n') + 4
  if (headLength < 4) return undefined
  const head = bytes.toString('latin1', 0, headLength)
  const declared = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  const isChunked = /\r\ntransfer-encoding: *chunked\r\n/i.test(head)
  if (declared === undefined && !isChunked)
    throw new Error(`an answer without Content-Length:\n${head}`)
  const rest = bytes.subarray(headLength)
  const taken = isChunked ? takeChunks(rest) : takeBytes(rest, Number(declared))
  if (taken === undefined) return undefined
  const { body, length } = taken
  const status = Number(head.slice(9, 12))
  return { answer: { status, body: body.toString('utf8') }, length: headLength + length }
}

/** A body, and the bytes that it takes on the wire. */
interface Taken {
  readonly body: Buffer
  readonly length: number
}

function takeBytes(bytes: Buffer, length: number): Taken | undefined {
  return bytes.length < length ? undefined : { body: bytes.subarray(0, length), length }
}

/** RFC 9112 §7.1, without trailers. */
function takeChunks(bytes: Buffer): Taken | undefined {
  const chunks: Buffer[] = []
  for (let at = 0; ;) {
    const start = bytes.indexOf('\r\n', at) + 2
    if (start < 2) return undefined
    const size = /^([0-9a-f]+)(?:;.*)?$/i.exec(bytes.toString('latin1', at, start - 2))?.[1]
    if (size === undefined) throw new Error('a chunk without its size')
    const end = start + Number.parseInt(size, 16)
    if (bytes.length < end + 2) return undefined
    if (bytes.toString('latin1', end, end + 2) !== '\r\n')
      throw new Error(`a chunk of other than ${size} bytes`)
    at = end + 2
    if (end === start) return { body: Buffer.concat(chunks), length: at }
    chunks.push(bytes.subarray(start, end))
  }
}
