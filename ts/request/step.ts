import { chunkOf, placeOf } from './friends.ts'
import type { HttpRequest } from './request.ts'

/** Tells the I/O thread of something ahead of the answer; `kind` is one of `DOWN`. */
export function sendStep(request: HttpRequest, kind: number, fields: string): void {
  const { lane, words } = chunkOf(request)
  lane.ring.text(words, placeOf(request), { kind, type: 0, reason: '', fields }, '')
}
