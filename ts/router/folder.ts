import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { flag, isFieldValue } from '../crossing/checks.ts'
import { checkNames, type HeaderInput, show, type SystemError } from '../errors.ts'
import { rawParams } from '../request/friends.ts'
import type { HttpRequest } from '../request/request.ts'
import { AssetResponse, checkAssetFields } from '../response/asset.ts'
import { type EncodedFields } from '../response/fields.ts'
import { isUrl } from '../response/file.ts'
import { checkTypes, type MediaTypes, mediaTypeOf, ownCodingOf } from '../response/media.ts'
import { type HttpResult, text } from '../response/response.ts'
import type { Handler } from '../server/dispatch.ts'

/** How the files below a folder are served. */
export interface ServeFilesOptions {
  /**
   * The file that is sent for a path with a final slash; one without it is redirected if it is a
   * folder that has such a file. `false`: folders are not found. Default 'index.html'.
   */
  index?: string | false
  /**
   * The value of `Cache-Control`, or a function that gives it for the path of a file, such as
   * 'css/a.css'; `undefined` for none. It is called before anybody knows whether there is such a file.
   * Default: none.
   */
  cacheControl?: string | ((path: string) => string | undefined)
  /**
   * What becomes of paths, as they are asked for, with an element that begins with a dot: 'ignore',
   * they are not found; 'deny', 403; 'allow', they are served. Default 'ignore'.
   */
  dotfiles?: 'ignore' | 'deny' | 'allow'
  /**
   * Send `name.br` or `name.gz` in place of `name` to clients that prefer that coding, and say so
   * in `Vary`. Default true.
   */
  precompressed?: boolean
  /**
   * Media types by extension, such as `{ md: 'text/markdown; charset=utf-8' }`, before those that are known
   * (`mime-types`). Default: none.
   */
  types?: MediaTypes
  /** Further field lines of every file (200, 206, 304). Default: none. */
  headers?: HeaderInput
}

/** What the files below a folder need of their router. */
export interface FolderPlace {
  /** Answers for files that are missing; `undefined`: the I/O thread does. */
  readonly missing: () => Handler | undefined
  /** The status of redirects. */
  readonly moved: number
  /** Routes for GET serve HEAD as well. */
  readonly headFromGet: boolean
}

/** An element of a path that is empty, '.' or '..', or a character that no element may have. */
const UNSAFE = /[\0\\]|(?:^|\/)(?:\/|\.\.?(?:\/|$))/
/** What no file is called. */
const NO_NAME = /^\.{0,2}$|[/\\\0]/
const DOTFILE = /(?:^|\/)\./
/** An element that stands for its folder or the one above. */
const DOTS = /\/\.\.?(?:\/|$)/
/** Two of these at the beginning would name another host. */
const OTHER_HOST = /^\/[/\\]/
const END = '/*filepath'
const NOT_FOUND = text('Not Found', { status: 404 })
const FORBIDDEN = text('Forbidden', { status: 403 })

/** Checks the path of a route for files. Throws `TypeError`. */
export function checkFilesPath(path: string): void {
  if (typeof path !== 'string' || !path.endsWith(END)) {
    throw new TypeError(`path must end with ${END}, got ${show(path)}`)
  }
}

/** The handler of a route that ends with `/*filepath`. Throws for a wrong root or option. */
export function filesBelow(
  root: string | URL,
  options: ServeFilesOptions,
  place: FolderPlace,
): Handler {
  const folder = new Folder(checkRoot(root), options, place)
  return (req) => folder.answer(req)
}

const NAMES = ['index', 'cacheControl', 'dotfiles', 'precompressed', 'types', 'headers']

/** A folder that is served, with its options checked. */
class Folder {
  readonly #root: string
  readonly #place: FolderPlace
  readonly #index: string | false
  readonly #dotfiles: 'ignore' | 'deny' | 'allow'
  readonly #precompressed: boolean
  readonly #types: MediaTypes | undefined
  readonly #fields: Pick<EncodedFields, 'text' | 'flags'>
  readonly #cacheControl: ((path: string) => string | undefined) | undefined

  constructor(root: string, options: ServeFilesOptions, place: FolderPlace) {
    checkNames('option of serveFiles', options, NAMES)
    const { index = 'index.html', dotfiles = 'ignore', cacheControl, headers } = options
    if (index !== false && (typeof index !== 'string' || NO_NAME.test(index))) {
      throw new TypeError(`index must be the name of a file or false, got ${show(index)}`)
    }
    if (dotfiles !== 'ignore' && dotfiles !== 'deny' && dotfiles !== 'allow') {
      throw new TypeError(`dotfiles must be 'ignore', 'deny' or 'allow', got ${show(dotfiles)}`)
    }
    this.#root = root
    this.#place = place
    this.#index = index
    this.#dotfiles = dotfiles
    this.#types = checkTypes(options.types)
    this.#precompressed = flag('precompressed', options.precompressed, true)
    this.#fields = checkFields(headers, cacheControl !== undefined)
    if (this.#precompressed) this.#fields.text += 'Vary: Accept-Encoding\r\n'
    if (typeof cacheControl === 'function') this.#cacheControl = cacheControl
    else if (cacheControl !== undefined) this.#fields.text += cacheControlLine(cacheControl)
  }

  /** The answer to a request of the route. */
  answer(req: HttpRequest): HttpResult | Promise<HttpResult> {
    const raw = rawParams(req)['filepath']
    const path = raw === undefined ? undefined : decodePath(raw)
    if (path === undefined) return this.#missing(req)
    if (this.#dotfiles !== 'allow' && DOTFILE.test(path)) {
      return this.#dotfiles === 'deny' ? FORBIDDEN : this.#missing(req)
    }
    // A client takes dots out of a redirect, which would then lead elsewhere.
    const index = DOTS.test(req.path) ? '' : this.#index || ''
    if (path !== '' && !path.endsWith('/')) return this.#asset(req, path, index)
    return this.#index === false ? this.#missing(req) : this.#asset(req, path + this.#index, '')
  }

  #asset(req: HttpRequest, path: string, index: string): HttpResult {
    const missing = this.#place.missing()
    const coding = ownCodingOf(path)
    const fields = this.#fieldsOf(path)
    return new AssetResponse({
      root: this.#root,
      path,
      mediaType: mediaTypeOf(path, this.#types),
      fields:
        coding === undefined
          ? fields
          : { ...fields, text: `${fields.text}Content-Encoding: ${coding}\r\n` },
      always: '',
      index,
      location: index === '' ? '' : withSlash(req),
      moved: this.#place.moved,
      precompressed: this.#precompressed && coding === undefined,
      onMissing: missing && ((error) => (isForbidden(error) ? FORBIDDEN : missing(req))),
    })
  }

  #fieldsOf(path: string): Pick<EncodedFields, 'text' | 'flags'> {
    const value = this.#cacheControl?.(path)
    if (value === undefined) return this.#fields
    return { ...this.#fields, text: this.#fields.text + cacheControlLine(value) }
  }

  #missing(req: HttpRequest): HttpResult | Promise<HttpResult> {
    return this.#place.missing()?.(req) ?? NOT_FOUND
  }
}

function checkRoot(root: unknown): string {
  const path = isUrl(root) && root.protocol === 'file:' ? fileURLToPath(root) : root
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new TypeError(`root must be the path or file: URL of a folder, got ${show(root)}`)
  }
  return resolve(path)
}

function checkFields(headers: HeaderInput | undefined, hasCacheControl: boolean): EncodedFields {
  const fields = checkAssetFields(headers)
  if (hasCacheControl && /^cache-control:/im.test(fields.text)) {
    throw new TypeError('Cache-Control is given twice: by cacheControl and by headers')
  }
  return fields
}

function cacheControlLine(value: unknown): string {
  if (typeof value !== 'string' || !isFieldValue(value)) {
    throw new TypeError(
      `cacheControl must be a string without control characters, got ${show(value)}`,
    )
  }
  return `Cache-Control: ${value}\r\n`
}

/**
 * The path of a file from its normal form, which begins with a slash; `undefined` for one that no
 * file has. Escapes are decoded once. An escaped slash is part of no name.
 */
function decodePath(raw: string): string | undefined {
  let path = raw.slice(1)
  if (path.includes('%')) {
    if (path.includes('%2F')) return undefined
    try {
      path = decodeURIComponent(path)
    } catch {
      return undefined
    }
  }
  return UNSAFE.test(path) ? undefined : path
}

/** The target of a request with a slash behind its path, never to be taken for another host. */
function withSlash({ path, query }: HttpRequest): string {
  const target = query === '' ? `${path}/` : `${path}/?${query}`
  return OTHER_HOST.test(path) ? `.${target.slice(path.lastIndexOf('/'))}` : target
}

function isForbidden({ code }: SystemError): boolean {
  return code === 'EACCES' || code === 'EPERM'
}
