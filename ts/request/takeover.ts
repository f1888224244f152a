import { AsyncResource } from 'node:async_hooks'
import { Socket } from 'node:net'
import { requireAbility } from '../crossing/abilities.ts'
import type { Chunk } from '../crossing/chunk.ts'
import type { Lane } from '../crossing/lane.ts'
import { REQUEST } from '../crossing/layout.ts'
import { native } from '../crossing/native.ts'
import { guarded } from '../crossing/uncaught.ts'
import { coded, type CodedError } from '../errors.ts'
import { courseOf, knownCourse, recordOf } from './friends.ts'
import type { HttpRequest } from './request.ts'

/** A connection that belongs to its handler. */
export interface TakenSocket {
  readonly socket: Socket
  /** What was read behind the request. */
  readonly head: Buffer
}

/** @internal Takes the connection, with what was read behind the request apart. */
export function takeConnection(request: HttpRequest, allowHalfOpen: boolean): TakenSocket {
  if (knownCourse(request)?.raw !== undefined) {
    throw coded('ERR_INVALID_STATE', new Error('takeover: the request is answered by raw()'))
  }
  const taken = takeOver(recordOf(request), allowHalfOpen)
  const course = courseOf(request)
  course.isTaken = true
  course.end('taken')
  return taken
}

/**
 * Takes the connection of a request from its I/O thread, which is asked and waited for: it answers
 * within a turn of its loop and never waits for JavaScript, so this takes microseconds.
 *
 * The socket reads at once. While answers to earlier requests are due it is `connecting`, which
 * makes node keep whatever is written, and emits `connect` when they are out.
 */
export function takeOver(place: { chunk: Chunk; at: number }, allowHalfOpen: boolean): TakenSocket {
  requireAbility('takeover', native.lacking())
  const { chunk, at } = place
  const { lane, words } = chunk
  const generation = words[at + REQUEST.generation] as number
  const { fd, length, isFree } = lane.takeOver(words, at)
  const { socket, head } = openSocket(fd, length, allowHalfOpen, lane)
  lane.claim(fd, head)
  // A client that leaves must not end the process of an owner that does not listen yet.
  socket.on('error', () => undefined)
  if (!isFree) hold(socket, (free) => lane.whenFree(generation, free))
  return { socket, head }
}

/** Whether a connection could not be taken because its client has left. */
export function isGone(error: unknown): boolean {
  const { cause } = error as { cause?: Partial<CodedError> }
  return cause?.code === 'ECONNRESET'
}

function openSocket(fd: number, length: number, allowHalfOpen: boolean, lane: Lane): TakenSocket {
  try {
    const head = Buffer.allocUnsafeSlow(length)
    return { socket: new Socket({ fd, allowHalfOpen, readable: true, writable: true }), head }
  } catch (error) {
    lane.abandon(fd)
    throw error
  }
}

function hold(socket: Socket, whenFree: (free: (isLost: boolean) => void) => void): void {
  const state = socket as { connecting: boolean }
  state.connecting = true
  const free = AsyncResource.bind((isLost: boolean): void => {
    if (socket.destroyed) return
    if (isLost) {
      const message = 'the connection ended before the answers to earlier requests were out'
      socket.destroy(coded('ECONNRESET', new Error(message)))
      return
    }
    state.connecting = false
    guarded(() => void socket.emit('connect'))
    guarded(() => void socket.emit('ready'))
  })
  whenFree(free)
}
