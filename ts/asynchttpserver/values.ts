const NOT_ASCII = /[^\0-\x7f]/

/** The values of one name. As a string they are the first of them, '' if there is none. */
export class HttpHeaderValues extends Array<string> {
  /** What `map` and the like make of them is an ordinary array. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }

  /** Whether one of them is `value`, whatever the case of ASCII letters. */
  contains(value: string): boolean {
    const asked = lower(String(value))
    return this.some((one) => lower(one) === asked)
  }

  override toString(): string {
    return this[0] ?? ''
  }
}

/** A copy of these values. */
export function headerValues(values: readonly string[]): HttpHeaderValues {
  const copy = new HttpHeaderValues()
  for (const value of values) copy.push(value)
  return copy
}

/** Lower case for ASCII letters alone: others are none in a field name, and must not become any. */
export function lower(text: string): string {
  if (!NOT_ASCII.test(text)) return text.toLowerCase()
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
