import { ANSWER } from '../crossing/layout.ts'
import { byteLength } from '../crossing/memory.ts'
import type { AnswerHead, Ring } from '../crossing/ring.ts'
import { isAsset } from '../response/asset.ts'
import { copyOf } from '../response/encoded.ts'
import { isFetched } from '../response/fetched.ts'
import { isFile } from '../response/file.ts'
import { type HttpResult } from '../response/response.ts'
import { send } from '../response/send.ts'
import { StreamResponse } from '../response/stream.ts'

/** A result in the form in which it goes to the addon, once for all requests. */
export interface FixedResult {
  /** The words of a ring record. */
  readonly words: Int32Array
  /** Reason phrase and field lines. */
  readonly head: Uint8Array
  /** The body, a copy. */
  readonly body: Uint8Array
}

/** Takes what would go to a ring. */
class Desk {
  taken: FixedResult | undefined = undefined

  text(_words: Int32Array, _at: number, head: AnswerHead, body: string): void {
    this.#take(head, Buffer.from(body))
  }

  binary(_words: Int32Array, _at: number, head: AnswerHead, body: Uint8Array): void {
    this.#take(head, body)
  }

  lend(_words: Int32Array, _at: number, head: AnswerHead, body: Uint8Array): void {
    this.#take(head, body)
  }

  /** No room for pieces: a response that is appended comes as one. */
  reserveRaw(): number {
    return -1
  }

  /** Nobody looks at the bytes later. */
  noteRaw(): void {}

  #take(head: AnswerHead, body: Uint8Array): void {
    const words = new Int32Array(ANSWER.count)
    words[ANSWER.kind] = head.kind
    words[ANSWER.type] = head.type | (head.reason.length << 8)
    words[ANSWER.fieldsLen] = head.fields.length
    words[ANSWER.bodyLen] = byteLength(body)
    const lines = Buffer.from(head.reason + head.fields, 'latin1')
    this.taken = { words, head: lines, body: new Uint8Array(body) }
  }
}

/** What an answer is that has to be made for each request. */
function kindOf(result: object): string | undefined {
  if (isFile(result) || isAsset(result)) return 'file'
  if (StreamResponse.isOne(result)) return 'stream'
  return isFetched(result) ? 'Response of the Fetch API' : undefined
}

/** Encodes a result, and gives one of its own with the same content. Throws `TypeError` for what is none. */
export function fix(result: HttpResult): { fixed: FixedResult; copy: () => HttpResult } {
  if (typeof result === 'object' && result !== null) {
    const kind = kindOf(result)
    if (kind !== undefined)
      throw new TypeError(`a ${kind} is no fixed answer: return it from a handler`)
  }
  const own = copyOf(result)
  const desk = new Desk()
  // Only the methods above are called, and only a file asks for its request.
  send(desk as unknown as Ring, new Int32Array(32), 0, own, undefined as never)
  if (desk.taken === undefined) throw new TypeError('this kind of response cannot be fixed')
  // Those who get it may write to its bytes.
  return { fixed: desk.taken, copy: () => copyOf(own) }
}
