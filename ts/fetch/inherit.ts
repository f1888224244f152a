/**
 * Makes the prototype of a lazy class one of the platform's: `instanceof` holds, and every member that it
 * does not have itself is that of the platform's object, which `realOf` makes or finds. `blank` is such an
 * object: where the platform keeps its state behind symbols (Node 20 and 22), its own functions are led to
 * that state of the real one, so that they take a lazy object as well.
 */
export function inherit<Lazy extends object, Real extends object>(
  lazy: Lazy,
  blank: Real,
  realOf: (lazy: Lazy) => Real,
): void {
  const platform = Object.getPrototypeOf(blank) as object
  Object.setPrototypeOf(lazy, platform)
  // Whoever makes another one by its `constructor` gets the platform's.
  Reflect.deleteProperty(lazy, 'constructor')
  for (const key of Reflect.ownKeys(platform)) {
    if (key === 'constructor' || Object.hasOwn(lazy, key)) continue
    const given = Object.getOwnPropertyDescriptor(platform, key) as PropertyDescriptor
    const own = delegated(given, realOf)
    if (own !== undefined) Object.defineProperty(lazy, key, own)
  }
  for (const key of Object.getOwnPropertySymbols(blank)) {
    Object.defineProperty(lazy, key, {
      configurable: true,
      get(this: Lazy) {
        return Reflect.get(realOf(this), key)
      },
    })
  }
}

/** The same member, of the real object; `undefined` for a value, which is inherited. */
function delegated<Lazy extends object>(
  given: PropertyDescriptor,
  realOf: (lazy: Lazy) => object,
): PropertyDescriptor | undefined {
  const { configurable = false, enumerable = false, value, get } = given
  if (get !== undefined) {
    return {
      configurable,
      enumerable,
      get(this: Lazy) {
        return Reflect.apply(get, realOf(this), []) as unknown
      },
    }
  }
  if (typeof value !== 'function') return undefined
  const method = value as () => unknown
  const own = function (this: Lazy, ...args: unknown[]): unknown {
    return Reflect.apply(method, realOf(this), args)
  }
  // What can be seen of a function besides that it is called.
  for (const name of ['name', 'length'])
    Object.defineProperty(own, name, { configurable: true, value: Reflect.get(method, name) })
  return { configurable, enumerable, writable: true, value: own }
}
