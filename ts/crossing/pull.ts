import { DOWN } from './layout.ts'
import { type AnswerHead, headless } from './ring.ts'

/** Bytes that a portion of a body is worth; see native/net/connection/uploads.rs. */
export const PORTION: number = 8 << 10
/** Bytes that are asked for ahead of a reader at most: as many as node reads at once. */
export const AHEAD: number = 64 << 10

/** Asks for so many portions of a body, 1 to 65535. */
export function pullOf(portions: number): AnswerHead {
  return headless(DOWN.pull | (portions << 16))
}

/** Portions of which `asked` bytes are on their way that are asked for to have `ahead` there. */
export function portionsUpTo(ahead: number, asked: number): number {
  return Math.ceil((ahead - asked) / PORTION)
}
