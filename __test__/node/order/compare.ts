import { ALLOWED, type Allowed } from './allowed.ts'

/** What `main.ts` prints of a scenario. */
export interface Played {
  readonly name: string
  readonly stock: readonly (readonly string[])[]
  readonly ours: readonly (readonly string[])[]
  /** How often it was played by both, the last time as above. */
  readonly attempts: number
}

/** The object that a line is about: its first word, and the number behind it. */
function subject(line: string): string {
  return /^\w+( \d+)?/.exec(line)?.[0] ?? ''
}

function bySubject(lines: readonly string[]): Map<string, string> {
  const found = new Map<string, string[]>()
  for (const line of lines) {
    const name = subject(line)
    found.set(name, [...(found.get(name) ?? []), line])
  }
  return new Map([...found].map(([name, own]) => [name, own.join('\n')]))
}

function areEqual(texts: readonly string[]): boolean {
  return new Set(texts).size === 1
}

/** Whether a scenario did not come to its end. */
function hasFailed(rounds: Played['stock']): boolean {
  return rounds.some(([line]) => line?.startsWith('it failed') ?? true)
}

/**
 * Where ours differs from stock: the two texts, or undefined. What differs between rounds of stock is compared
 * only as far as it does not: the order of each object's own events.
 */
export function difference(
  played: Played,
  lines?: Allowed['lines'],
): { stock: string; ours: string } | undefined {
  const kept = (round: readonly string[]): string[] =>
    round.filter((line) => lines === undefined || !lines.test(line))
  const stock = played.stock.map(kept)
  const ours = played.ours.map(kept)
  const whole = stock.map((round) => round.join('\n'))
  if (hasFailed(played.stock) || areEqual(whole)) {
    const first = whole[0] ?? ''
    const other = ours.map((round) => round.join('\n')).find((text) => text !== first)
    return other === undefined ? undefined : { stock: first, ours: other }
  }
  const parts = stock.map(bySubject)
  for (const name of new Set(parts.flatMap((part) => [...part.keys()]))) {
    const texts = parts.map((part) => part.get(name) ?? '')
    if (!areEqual(texts)) continue
    const other = ours.map((round) => bySubject(round).get(name) ?? '')
    const found = other.find((text) => text !== texts[0])
    if (found !== undefined) return { stock: texts[0] ?? '', ours: found }
  }
  return undefined
}

/** What is wrong with a scenario that another module than node's was played with, for people to read. */
export function complaint(scenario: Played, door: string): string | undefined {
  const { name, stock } = scenario
  const failure = stock.flat().find((line) => line.startsWith('it failed'))
  if (failure !== undefined) return `${name}: with stock ${failure}`
  const allowed = ALLOWED[name]
  const found = difference(scenario)
  const isDue = allowed !== undefined && allowed.sometimes !== true && door !== 'node:http'
  if (isDue && found === undefined)
    return `${name}: it is as with stock now, not different because ${allowed.reason}`
  if (allowed !== undefined && allowed.lines === undefined) return undefined
  const more = allowed === undefined ? found : difference(scenario, allowed.lines)
  return more && `${name}\n-- stock\n${more.stock}\n-- ours\n${more.ours}`
}
