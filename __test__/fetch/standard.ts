/** A behaviour: what it is, how to see it, and what the Fetch standard says of it. */
export type Row<Subject> = readonly [
  what: string,
  see: (subject: Subject) => unknown,
  says: unknown,
]

/** The name of what is thrown, or of what a promise is rejected with. */
export async function nameOf(run: () => unknown): Promise<string> {
  try {
    await run()
    return 'nothing'
  } catch (error) {
    return (error as Error).name
  }
}
