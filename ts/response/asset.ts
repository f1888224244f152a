import { AsyncResource } from 'node:async_hooks'
import { DOWN } from '../crossing/layout.ts'
import type { AnswerHead, Ring } from '../crossing/ring.ts'
import type { HeaderInput, SystemError } from '../errors.ts'
import type { HttpRequest } from '../request/request.ts'
import { sendAssetRecord } from './asset-record.ts'
import { type Add, AwaitsFile, type OnMissing } from './awaits-file.ts'
import { conditionsOf } from './conditions.ts'
import { type EncodedFields, encodeFields, isType, type Lines, typeAmong } from './fields.ts'
import { brand } from './made.ts'
import type { HttpResponse, HttpResult } from './response.ts'

/** A file below a folder, as it is asked for. */
export interface AssetInit {
  /** The folder, an absolute path. */
  readonly root: string
  /** From there to the file, decoded, without a slash at either end. */
  readonly path: string
  /** Its Content-Type. */
  readonly mediaType: string
  /** Further field lines. */
  readonly fields: Pick<EncodedFields, 'text' | 'flags'>
  /** Encoded field lines of whatever is answered. */
  readonly always: string
  /** The file that stands for a folder if the path is one; '' for none. */
  readonly index: string
  /** Where such a folder is found, with its slash. */
  readonly location: string
  /** The status that sends the client there. */
  readonly moved: number
  /** There may be copies in other codings beside the file. */
  readonly precompressed: boolean
  /** Answers if there is no such file; else the I/O thread does. */
  readonly onMissing: ((error: SystemError) => HttpResult | Promise<HttpResult>) | undefined
}

const SET_BY_SERVER =
  /^(content-(?:type|length|range|encoding)|etag|last-modified|accept-ranges):/im

// Not methods: those a handler reaches through the prototype, and with them the ring.

/** Whether a handler's result is a file below a folder. */
export let isAsset: (value: object) => boolean
/** Hands such a file to the ring, with what the request says of it; returns as `sendFile` does. */
export let sendAsset: (
  ring: Ring,
  words: Int32Array,
  at: number,
  value: object,
  req: HttpRequest,
) => boolean

/** @internal The same file with more field lines, also in the answer in place of it. */
export let assetWithLines: (value: object, added: Lines, add: Add) => HttpResponse

/** A file below a folder; the I/O thread finds it and decides what is sent of it. */
export class AssetResponse implements HttpResponse {
  readonly status = 200
  readonly headers: HeaderInput | undefined = undefined
  readonly body: unknown
  readonly #init: AssetInit
  readonly #onMissing: OnMissing | undefined

  constructor(init: AssetInit) {
    this.#init = init
    // No body that could be sent: a copy of the response without its parts has to fail.
    this.body = Object.freeze({ root: init.root, path: init.path })
    // It runs in the scope of the handler that has made the response.
    this.#onMissing = init.onMissing && AsyncResource.bind(init.onMissing)
  }

  static {
    isAsset = (value) => #init in value
    sendAsset = (ring, words, at, value, req) => {
      const own = value as AssetResponse
      const [init, onMissing] = [own.#init, own.#onMissing]
      const { path } = init
      const id =
        onMissing === undefined ? 0 : ring.leases.keep(new AwaitsFile(req, path, onMissing))
      const { text, flags } = init.fields
      const counts = { coding: init.precompressed, conditions: true, ranges: true }
      const kind = DOWN.asset | flags | (200 << 16)
      const head: AnswerHead = { kind, type: 0, reason: '', fields: text }
      const asked = conditionsOf(req, counts)
      sendAssetRecord(ring, words, at, head, { ...init, id, asked, without: '' })
      return id !== 0
    }
    assetWithLines = (value, added, add) => {
      const own = value as AssetResponse
      const onMissing = own.#onMissing
      const { fields, mediaType } = own.#init
      const more = checkAssetFields(added.filter(([name]) => !isType(name)))
      return new AssetResponse({
        ...own.#init,
        mediaType: typeAmong(added) ?? mediaType,
        fields: { text: fields.text + more.text, flags: fields.flags | more.flags },
        always: own.#init.always + more.text,
        onMissing: onMissing && ((error) => add(() => onMissing(error))),
      })
    }
  }

  static {
    brand(AssetResponse.prototype, () => ({ kind: 'file' }))
  }
}

/** Encodes further field lines of a file. Throws `TypeError` as `encodeFields` does, and for the server's. */
export function checkAssetFields(headers: HeaderInput | undefined): EncodedFields {
  const fields = encodeFields(headers)
  const ours = fields.length >= 0 ? 'Content-Length' : SET_BY_SERVER.exec(fields.text)?.[1]
  if (ours !== undefined) throw new TypeError(`${ours} of a file is set by the server`)
  return fields
}
