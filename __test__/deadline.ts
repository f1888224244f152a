const DEADLINE = 20_000

/** Waits for something that must happen; rejects, naming it, when it has not by then. */
export function within<T>(
  what: string,
  promise: PromiseLike<T>,
  ms: number = DEADLINE,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms)
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
  const end = Date.now() + DEADLINE
  while (!condition()) {
    if (Date.now() > end) throw new Error(`${what}: not within ${DEADLINE} ms`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
