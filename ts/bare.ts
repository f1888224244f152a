/** The same without a prototype, on which somebody may have put what is missing here. */
export function bare<T extends object>(object: T): T {
  return Object.assign(Object.create(null) as T, object)
}
