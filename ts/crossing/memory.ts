import { types } from 'node:util'
import { markAsUntransferable } from 'node:worker_threads'

// A subclass could say anything about its length; the getter of the class itself cannot be fooled.
const getters = Object.getPrototypeOf(Uint8Array.prototype) as object
const lengthOf = Object.getOwnPropertyDescriptor(getters, 'byteLength')?.get as () => number
const bufferOf = Object.getOwnPropertyDescriptor(getters, 'buffer')?.get as () => ArrayBufferLike
const offsetOf = Object.getOwnPropertyDescriptor(getters, 'byteOffset')?.get as () => number

/** Bytes of `body`; 0 if it is detached. */
export function byteLength(body: Uint8Array): number {
  return lengthOf.call(body)
}

/** Whether the memory of `body` was transferred. */
export function isDetached(body: Uint8Array): boolean {
  if (byteLength(body) !== 0) return false
  const buffer = bufferOf.call(body)
  try {
    // Making a view is the only question that every version of Node answers.
    return new Uint8Array(buffer).byteLength < 0
  } catch {
    return true
  }
}

/** Whether another thread can reach the memory of `body`. */
export function isShared(body: Uint8Array): boolean {
  return types.isSharedArrayBuffer(bufferOf.call(body))
}

/** Takes memory away from its owner, so that it cannot change while a thread sends it. */
export function giveUp(body: Uint8Array): Uint8Array {
  const buffer = bufferOf.call(body)
  const [offset, length] = [offsetOf.call(body), byteLength(body)]
  if (types.isSharedArrayBuffer(buffer)) return new Uint8Array(buffer, offset, length)
  try {
    const moved = structuredClone(buffer, { transfer: [buffer] })
    return new Uint8Array(moved, offset, length)
  } catch {
    return new Uint8Array(body)
  }
}

/** Forbids to transfer memory that native code reads or writes, where that can be forbidden. */
export function keepHere(buffer: ArrayBuffer): void {
  markAsUntransferable?.(buffer)
}

/** A view that keeps its length: shared memory may grow under one that follows it. */
export function atRest(body: Uint8Array, length: number): Uint8Array {
  const buffer = bufferOf.call(body)
  if (!types.isSharedArrayBuffer(buffer)) return body
  return new Uint8Array(buffer, offsetOf.call(body), length)
}
