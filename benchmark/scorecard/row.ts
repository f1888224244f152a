/** How long and where rows measure. */
export interface Settings {
  /** Seconds of the soak, its warm-up included. */
  readonly soakSeconds: number
  /** The core of servers whose latency is measured, and the core of everybody else then. */
  readonly serverCore: string
  readonly clientCore: string
}

/** One line of the scorecard. */
export interface Figure {
  readonly what: string
  readonly value: string
  readonly limit: string
  readonly passed: boolean
}

/** A promise and how it is checked. */
export interface Row {
  readonly name: string
  readonly title: string
  /** Whether it belongs to the attacks, which are chosen together by that word. */
  readonly isAttack?: boolean
  /** Measures; what goes wrong on the way rejects, and counts as failed. */
  measure(settings: Settings): Promise<Figure[]>
}

/** A value that must not be above a limit of the same unit; NaN never passes. */
export function atMost(
  what: string,
  value: number,
  limit: number,
  unit: string,
  digits = 0,
): Figure {
  return {
    what,
    value: `${value.toFixed(digits)} ${unit}`.trim(),
    limit: `<= ${limit} ${unit}`.trim(),
    passed: value <= limit,
  }
}

/** A count that must be what it should. */
export function exactly(what: string, value: number, wanted: number): Figure {
  return { what, value: String(value), limit: String(wanted), passed: value === wanted }
}

/** Writes what a row has to tell beside its figures, indented, to the standard error. */
export function tell(text: string): void {
  for (const line of text.split('\n')) console.error(`    ${line}`)
}
