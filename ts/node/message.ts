import type { Chunk } from '../crossing/chunk.ts'
import { REQUEST } from '../crossing/layout.ts'
import { lookup } from '../request/headers.ts'
import { methodOf, targetOf } from '../request/record.ts'
import type { OpenMessage } from './internals.ts'

/** Fields that node's parser keeps unless it is told otherwise. */
const MOST = 1000

/** What a server says of the fields of its requests. */
export interface Rules {
  readonly joins: boolean | undefined
  /** More field lines are left out; 0 for no limit. */
  readonly maxHeadersCount: number | null
}

/** Fills a request as node's parser does. */
export function fill(req: OpenMessage, chunk: Chunk, at: number, server: Rules): void {
  const old = isOld(chunk, at)
  req.httpVersionMajor = 1
  req.httpVersionMinor = old ? 0 : 1
  req.httpVersion = old ? '1.0' : '1.1'
  if (server.joins === true) req.joinDuplicateHeaders = true
  req.url = targetOf(chunk, at)
  const lines = linesOf(chunk, at)
  const most = (server.maxHeadersCount ?? MOST) << 1
  req._addHeaderLines(lines, most > 0 ? Math.min(lines.length, most) : lines.length)
  req.method = methodOf(chunk, at)
  req.upgrade = false
}

/** Whether the client speaks HTTP/1.0. */
export function isOld({ words }: Pick<Chunk, 'words'>, at: number): boolean {
  return (((words[at] as number) >> 16) & 1) === 0
}

/** Names and values by turns. One slice for all of them: each costs more than what is cut out of it. */
function linesOf({ bytes, words }: Chunk, at: number): string[] {
  const count = words[at + REQUEST.fields] as number
  const lines: string[] = []
  if (count === 0) return lines
  const first = at + REQUEST.count
  const raw = words[at + REQUEST.raw] as number
  const from = words[first] as number
  const last = first + (count - 1) * REQUEST.fieldWords
  const end = (words[last + 2] as number) + (words[last + 3] as number)
  const text = bytes.latin1Slice(raw + from, raw + end)
  for (let place = first; place <= last; place += REQUEST.fieldWords) {
    const name = (words[place] as number) - from
    const value = (words[place + 2] as number) - from
    lines.push(
      text.slice(name, name + (words[place + 1] as number)),
      text.slice(value, value + (words[place + 3] as number)),
    )
  }
  return lines
}

const CLOSE = /(^|,)\s*close\s*(,|$)/i
const KEEP_ALIVE = /(^|,)\s*keep-alive\s*(,|$)/i

/** Whether the client wants its connection to go on (RFC 9112 §9.3). */
export function keepsAlive(chunk: Chunk, at: number): boolean {
  const connection = lookup(chunk, at, 'connection')
  const old = isOld(chunk, at)
  if (connection === undefined) return !old
  return old ? KEEP_ALIVE.test(connection) : !CLOSE.test(connection)
}
