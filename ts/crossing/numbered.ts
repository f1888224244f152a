/** Places at first, as a power of two. */
const FEW = 3
/** Spreads numbers: those in a row would stand in one row of places, which every removal would walk along. */
const GOLDEN = 0x9e3779b1

/**
 * What there is by number, for what comes and goes all the time: connections, bodies under way. No map and no set:
 * their tables are made anew with every few that went, and one of these that the collector has moved already has all
 * that was in it survive, and the table behind it, and so on.
 */
export class Numbered<V extends object> {
  /** At the place of its number, or behind it; at most half of the places are taken. */
  #values: (V | undefined)[] = placesOf<V | undefined>(FEW, undefined)
  #numbers: number[] = placesOf(FEW, 0)
  #bits = FEW
  /** How many there are. */
  size = 0

  /** The one with this number. */
  get(number: number): V | undefined {
    return this.#values[this.#find(number)]
  }

  /** Notes one, in place of another with its number. */
  set(number: number, value: V): void {
    const at = this.#find(number)
    if (this.#values[at] === undefined) this.size++
    this.#values[at] = value
    this.#numbers[at] = number
    if (this.size * 2 > this.#values.length) this.#resize(this.#bits + 1)
  }

  /** Forgets the one with this number, and returns it. */
  delete(number: number): V | undefined {
    const values = this.#values
    const mask = values.length - 1
    let free = this.#find(number)
    const value = values[free]
    if (value === undefined) return undefined
    for (let at = (free + 1) & mask; values[at] !== undefined; at = (at + 1) & mask) {
      const home = this.#homeOf(this.#numbers[at] as number)
      // One that is found before the free place stays.
      if (((at - home) & mask) < ((at - free) & mask)) continue
      values[free] = values[at]
      this.#numbers[free] = this.#numbers[at] as number
      free = at
    }
    values[free] = undefined
    this.size--
    if (this.#bits > FEW && this.size * 8 < values.length) this.#resize(this.#bits - 1)
    return value
  }

  /** All of them, by number; some may be forgotten meanwhile. */
  values(): V[] {
    const all = this.#numbers.map((number, at) => ({ number, value: this.#values[at] }))
    const there = all.filter((one): one is { number: number; value: V } => one.value !== undefined)
    return there.toSorted((a, b) => a.number - b.number).map(({ value }) => value)
  }

  /** Its place, or the one that it would get. */
  #find(number: number): number {
    const values = this.#values
    const mask = values.length - 1
    let at = this.#homeOf(number)
    while (values[at] !== undefined && this.#numbers[at] !== number) at = (at + 1) & mask
    return at
  }

  #homeOf(number: number): number {
    return Math.imul(number, GOLDEN) >>> (32 - this.#bits)
  }

  #resize(bits: number): void {
    const [values, numbers] = [this.#values, this.#numbers]
    this.#bits = bits
    this.#values = placesOf<V | undefined>(bits, undefined)
    this.#numbers = placesOf(bits, 0)
    for (let from = 0; from < values.length; from++) {
      const value = values[from]
      if (value === undefined) continue
      const at = this.#find(numbers[from] as number)
      this.#values[at] = value
      this.#numbers[at] = numbers[from] as number
    }
  }
}

function placesOf<T>(bits: number, what: T): T[] {
  return Array.from<T>({ length: 1 << bits }).fill(what)
}
