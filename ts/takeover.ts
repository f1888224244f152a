import { Socket } from 'node:net'
import { requireAbility } from './abilities.ts'
import { coded } from './errors.ts'
import type { Chunk } from './lane.ts'
import { REQUEST } from './layout.ts'
import { native } from './native.ts'

/** A connection that belongs to its handler. */
export interface TakenSocket {
  readonly socket: Socket
  /** What was read behind the request. */
  readonly head: Buffer
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
  const socket = new Socket({ fd, allowHalfOpen, readable: true, writable: true })
  const head = Buffer.allocUnsafeSlow(length)
  lane.claim(fd, head)
  if (!isFree) hold(socket, (free) => lane.whenFree(generation, free))
  return { socket, head }
}

function hold(socket: Socket, whenFree: (free: (isLost: boolean) => void) => void): void {
  const state = socket as { connecting: boolean }
  state.connecting = true
  whenFree((isLost) => {
    if (socket.destroyed) return
    if (isLost) {
      const message = 'the connection ended before the answers to earlier requests were out'
      socket.destroy(coded('ECONNRESET', new Error(message)))
      return
    }
    state.connecting = false
    socket.emit('connect')
    socket.emit('ready')
  })
}
