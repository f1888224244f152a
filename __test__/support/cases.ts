import { readFileSync } from 'node:fs'
import { root } from './root.ts'

/** A string, or only its length where it is long. */
export type Text = string | { length: number }

/** A request as the handler is to see it. */
export interface ExpectedRequest {
  readonly method: Text
  readonly target: Text
  readonly version: string
  readonly headers: [Text, Text][] | { count: number; first: [Text, Text] }
  readonly body: Text
  readonly keepAlive: boolean
}

/** Bytes, and what is to come of them. */
export interface Case {
  readonly id: string
  readonly area: string
  readonly bytes: Buffer
  readonly outcome: 'accept' | 'reject' | 'mixed' | 'wait'
  /** Whether no server could be stricter and conform. */
  readonly strict: boolean
  /** Allowed statuses of the refusal. */
  readonly status: readonly number[]
  readonly mustClose: boolean
  /** Requests that reach the handler. */
  readonly handled: number
  /** What the handler sees of them, where the table says it. */
  readonly requests: readonly ExpectedRequest[]
}

type Part = string | { repeat: string; count: number }
interface StoredCase extends Omit<Case, 'bytes' | 'handled'> {
  readonly raw?: string
  readonly rawParts?: readonly Part[]
}
interface StoredFamily {
  readonly id: string
  readonly template: string
  readonly expect: Record<string, string>
}

const file = `${root}__test__/cases/http-cases.json`
const table = JSON.parse(readFileSync(file, 'utf8')) as {
  cases: StoredCase[]
  families: StoredFamily[]
  sequences: { id: string }[]
}

/** The names of the timed sequences. */
export const sequenceIds: readonly string[] = table.sequences.map(({ id }) => id)

const ESCAPES: Record<string, string> = { r: '\r', n: '\n', t: '\t', '\\': '\\' }

/** Bytes out of the table's notation, one code unit a byte. */
export function decode(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|([rnt\\]))/g, (_, hex: string | undefined, name) =>
    hex === undefined
      ? (ESCAPES[name as string] as string)
      : String.fromCharCode(parseInt(hex, 16)),
  )
}

function bytesOf({ raw, rawParts }: StoredCase): Buffer {
  const parts = rawParts ?? [raw as string]
  const text = parts.map((part) =>
    typeof part === 'string' ? decode(part) : decode(part.repeat).repeat(part.count),
  )
  return Buffer.from(text.join(''), 'latin1')
}

/** All cases of the table. */
export function cases(): Case[] {
  return table.cases.map((stored) => {
    const requests = stored.requests ?? []
    const status = stored.status ?? []
    return { ...stored, status, requests, handled: requests.length, bytes: bytesOf(stored) }
  })
}

/** A family's cases, one for each of the 256 bytes. */
export interface Family {
  readonly id: string
  readonly cases: readonly Case[]
  /** The first and the last case of each range of bytes. */
  readonly edges: readonly Case[]
}

/** All families of the table. */
export function families(): Family[] {
  return table.families.map(({ id, template, expect }) => {
    const [all, edges]: [Case[], Case[]] = [[], []]
    for (const [outcome, ranges] of Object.entries(expect)) {
      for (const range of ranges.split(' ')) {
        const [first = 0, last = first] = range.split('-').map((hex) => parseInt(hex, 16))
        for (let byte = first; byte <= last; byte++) {
          const one = familyCase(id, template, outcome, byte)
          all.push(one)
          if (byte === first || byte === last) edges.push(one)
        }
      }
    }
    return { id, cases: all, edges }
  })
}

function familyCase(id: string, template: string, expected: string, byte: number): Case {
  const [before = '', after = ''] = template.split('{B}').map(decode)
  const [kind = '', count] = expected.split(/[: ]/)
  const refuses = kind === 'reject' || kind === 'mixed'
  return {
    id: `${id} ${byte.toString(16).padStart(2, '0')}`,
    area: 'families',
    bytes: Buffer.from(before + String.fromCharCode(byte) + after, 'latin1'),
    outcome: (kind === 'accept-close' ? 'accept' : kind) as Case['outcome'],
    status: kind === 'reject' ? (count as string).split('/').map(Number) : refuses ? [400] : [],
    strict: true,
    mustClose: refuses || kind === 'accept-close',
    handled: kind === 'reject' ? 0 : Number(count),
    requests: [],
  }
}
