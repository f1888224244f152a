import type { AnswerHead } from '../crossing/ring.ts'
import { chunkOf, placeOf } from './friends.ts'
import type { HttpRequest } from './request.ts'

/** Tells the I/O thread of something ahead of the answer. */
export function sendStep(request: HttpRequest, head: AnswerHead): void {
  const { lane, words } = chunkOf(request)
  lane.ring.text(words, placeOf(request), head, '')
}
