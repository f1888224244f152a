import type { AnswerHead, Ring } from '../crossing/ring.ts'

/** A file of which the request says what is sent; see native/bridge/answer/file.rs. */
export interface AssetRecord {
  /** The number of whoever is to hear if it is missing; 0 for nobody. */
  readonly id: number
  /** The folder that it is below; '' for none. */
  readonly root: string
  readonly path: string | Uint8Array
  readonly mediaType: string
  readonly index: string
  readonly location: string
  readonly moved: number
  /** What the request says, as `conditionsOf` has it. */
  readonly asked: string
  /** Encoded field lines of whatever is answered. */
  readonly always: string
  /** What is left out: `e` ETag, `l` Last-Modified, `r` Accept-Ranges. */
  readonly without: string
}

const NOT_ASCII = /[^\0-\x7f]/

/** Hands such a file to the ring: its parts in their order, with NULs between. */
export function sendAssetRecord(
  ring: Ring,
  words: Int32Array,
  at: number,
  head: AnswerHead,
  { id, root, path, mediaType, index, location, moved, asked, always, without }: AssetRecord,
): void {
  const before = `${id}\0${moved}\0${root}\0`
  const behind = `\0${location}\0${asked}\0${always}\0${without}`
  if (typeof path === 'string' && !NOT_ASCII.test(mediaType) && !NOT_ASCII.test(behind)) {
    ring.text(words, at, head, `${before}${path}\0${mediaType}\0${index}${behind}`)
    return
  }
  // Names of files are UTF-8, or whatever bytes they are; all that goes over the wire is latin1.
  const bytes = Buffer.concat([
    Buffer.from(before),
    typeof path === 'string' ? Buffer.from(path) : path,
    Buffer.from(`\0${mediaType}\0`, 'latin1'),
    Buffer.from(index),
    Buffer.from(behind, 'latin1'),
  ])
  ring.binary(words, at, head, bytes, bytes.length)
}
