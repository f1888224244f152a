import { coded } from '../errors.ts'
import { type Bytes, bytesOver } from './bytes.ts'
import type { Lane } from './lane.ts'

/** A request that a handler has not answered yet. */
export interface Unanswered {
  /** Which connection of its slot. */
  readonly generation: number
  /** The next one of the same slot. */
  next: Unanswered | undefined
  /** Moves the request's bytes out of its chunk, which is let go. */
  move(): void
  /** The client is gone. */
  abort(): void
  /** Sequence number and flags, where several requests of a connection must be told apart. */
  readonly meta?: number
  /** The request. */
  readonly req?: object
  /** The client has taken so many bytes of the answer. */
  drained?(bytes: number): void
  /** A response that was written by hand is complete, or refused. */
  settle?(error: Error | null): void
}

/** One that has its bytes in a chunk. */
export interface Kept extends Unanswered {
  /** Where it stands among those of its chunk. */
  place: number
}

/**
 * Memory that requests lie in. It never leaves the package: a user who could reach it could
 * transfer it under the thread that writes it, or clone it and with it other clients' requests.
 */
export interface Chunk {
  readonly lane: Lane
  /** What its server believes of proxies; see ts/request/trust.ts. */
  readonly trust: unknown
  readonly bytes: Bytes
  readonly words: Int32Array
  /** Requests in it that were not answered at once. */
  readonly unanswered: Kept[]
}

/** Notes that a request in this chunk is not answered at once. */
export function keep({ unanswered }: Chunk, one: Kept): void {
  one.place = unanswered.push(one) - 1
}

/** Notes that it is answered: the chunk must not hold on to what it has. */
export function letGo({ unanswered }: Chunk, one: Kept): void {
  // It has moved since, or its chunk was let go.
  if (unanswered[one.place] !== one) return
  const last = unanswered.pop() as Kept
  if (last === one) return
  unanswered[one.place] = last
  last.place = one.place
}

/** Memory of a request that no connection brought: there is no thread to answer to. */
export function detachedChunk(bytes: Uint8Array): Chunk {
  return {
    trust: undefined,
    ...viewsOf(bytes),
    unanswered: [],
    get lane(): Lane {
      throw coded('ERR_INVALID_STATE', new Error('a decoded request has no connection'))
    },
  }
}

/** Bytes and words of the same memory. */
export function viewsOf({
  buffer,
  byteOffset,
  byteLength,
}: Uint8Array): Pick<Chunk, 'bytes' | 'words'> {
  return {
    bytes: bytesOver(buffer, byteOffset, byteLength),
    words: new Int32Array(buffer as ArrayBuffer, byteOffset, byteLength >> 2),
  }
}
