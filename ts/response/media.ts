import { lookup } from 'mime-types'
import { isFieldValue } from '../crossing/checks.ts'
import { CONTENT_TYPES } from '../crossing/layout.ts'
import { show } from '../errors.ts'
import { BINARY } from './head.ts'

/** Media types by extension, without its dot: 'md', or several, 'tar.zst'. */
export type MediaTypes = Readonly<Record<string, string>>

/** Files that are in a coding themselves, whatever they are called. */
const CODED: Record<string, string> = { svgz: 'gzip' }

/** RFC 9110 §8.3.2: text without a charset may be taken for something else than UTF-8. */
export function mediaTypeOf(path: string, own?: MediaTypes): string {
  const given = own === undefined ? undefined : ownTypeOf(path, own)
  if (given !== undefined) return given
  const extension = extensionOf(path)
  const found = extension === '' ? false : lookup(extension)
  if (found === false) return CONTENT_TYPES[BINARY] as string
  return found.startsWith('text/') ? `${found}; charset=utf-8` : found
}

/** The type of the longest extension that somebody has given. */
function ownTypeOf(path: string, own: MediaTypes): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
  for (let dot = name.indexOf('.', 1); dot > 0; dot = name.indexOf('.', dot + 1)) {
    const found = own[name.slice(dot + 1)]
    if (found !== undefined) return found
  }
  return undefined
}

/** The coding that a file is in itself; undefined for nearly all. */
export function ownCodingOf(path: string): string | undefined {
  const extension = extensionOf(path)
  return Object.hasOwn(CODED, extension) ? CODED[extension] : undefined
}

/** What is behind the last dot of a name that does not begin with it, in lower case. */
function extensionOf(path: string): string {
  const dot = path.lastIndexOf('.')
  return dot > path.lastIndexOf('/') + 1 ? path.slice(dot + 1).toLowerCase() : ''
}

/** RFC 9110 §8.3.1: a type, a subtype, and parameters. */
const MEDIA_TYPE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+[\t ]*(?:;.*)?$/

/** Whether something may be the value of a Content-Type. */
export function isMediaType(value: unknown): value is string {
  return typeof value === 'string' && MEDIA_TYPE.test(value) && isFieldValue(value)
}

/** Checks media types of a user; throws `TypeError`. */
export function checkTypes(types: MediaTypes | undefined): MediaTypes | undefined {
  if (types === undefined) return undefined
  if (types === null || typeof types !== 'object' || Array.isArray(types)) {
    throw new TypeError(`types must be a record of extensions, got ${show(types)}`)
  }
  const checked = Object.create(null) as Record<string, string>
  for (const [extension, type] of Object.entries(types)) {
    if (!isMediaType(type)) {
      throw new TypeError(
        `types of ${show(extension)} must be a media type such as 'text/plain', got ${show(type)}`,
      )
    }
    checked[extension.replace(/^\./, '').toLowerCase()] = type
  }
  return checked
}
