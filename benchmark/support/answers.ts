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

/** What `/timer` answers as JSON, behind `soon`. */
export const RECORD: object = {
  id: 1815,
  name: 'Ada Lovelace',
  tags: ['one', 'two', 'three'],
  active: true,
}

/** Passes in a millisecond, as the answer of a database does. */
export function soon(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 1))
}

/** Occupies the thread for so many milliseconds, as a handler that computes does; the text of `/block` and of `/burn`. */
export function block(milliseconds = 1): string {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
  return HELLO
}
