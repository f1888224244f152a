/** Milliseconds that `work` takes on a machine with nothing else to do. */
const WORK_MS = 10
/** How much longer than there a deadline is at most. */
const MOST = 5

function work(): number {
  let value = 1
  for (let i = 0; i < 1e7; i++) value = (Math.imul(value, 1664525) + 1013904223) | 0
  return value
}

/** How much slower this machine is now than one with nothing else to do: 1 to 5. */
function slowness(): number {
  // The first time is the compiler's.
  work()
  const begun = performance.now()
  work()
  return Math.min(MOST, Math.max(1, (performance.now() - begun) / WORK_MS))
}

const SLOWNESS = slowness()

/** So many milliseconds on a machine with nothing else to do. */
export function scaled(ms: number): number {
  return Math.ceil(ms * SLOWNESS)
}

/**
 * For one event; what consists of many waits for each of them. Nothing is shown by how soon it comes: it is far
 * longer than a machine stands still that others use too.
 */
const DEADLINE = 60_000

/**
 * Waits for something that must happen; rejects, naming it, when it has not by then. The time is longer
 * on a machine that is slow now.
 */
export function within<T>(
  what: string,
  promise: PromiseLike<T>,
  ms: number = DEADLINE,
): Promise<T> {
  const limit = scaled(ms)
  return new Promise<T>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${what}: not within ${limit} ms`)), limit)
    promise.then(
      (value) => {
        clearTimeout(late)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(late)
        reject(error as Error)
      },
    )
  })
}

/** A promise with its ends outside. */
export interface Gate<T = void> {
  readonly promise: Promise<T>
  readonly open: (value: T) => void
}

/** Something that a test lets happen. */
export function gate<T = void>(): Gate<T> {
  let open: (value: T) => void = () => undefined
  const promise = new Promise<T>((resolve) => (open = resolve))
  return { promise, open }
}

/** Gives the event loop turns until `condition` holds: for things that announce themselves to nobody. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const limit = scaled(DEADLINE)
  const end = Date.now() + limit
  while (!condition()) {
    if (Date.now() > end) throw new Error(`${what}: not within ${limit} ms`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
