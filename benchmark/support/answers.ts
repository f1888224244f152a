// What every server of the benchmark answers, so that all of them do the same work.
// The C and Go rivals repeat it; the harness refuses to measure an answer that differs.

type Field = string | null | undefined

/** The text of `/`: 13 bytes. */
export const HELLO = 'Hello, World!'

/** The body of `/64k`. */
export const LARGE: Buffer = Buffer.alloc(65536, 'x')

/** Builds the text of `/browser` from the query string and two request headers. */
export function greet(query: string, language: Field, agent: Field): string {
  return `query ${query}, language ${language}, agent ${agent}`
}

/** Builds the JSON text of `/echo`: one field of the JSON text that was sent. */
export function echo(body: string): string {
  return JSON.stringify({ name: (JSON.parse(body) as { name: string }).name })
}

/** Occupies the thread for one millisecond, as a handler that computes does; the text of `/block`. */
export function block(): string {
  const end = performance.now() + 1
  while (performance.now() < end);
  return HELLO
}
