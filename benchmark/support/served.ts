const given = process.argv.slice(2)

/** The port that an adapter serves: its last argument. */
export const port: number = Number(given.at(-1))
/** The I/O threads that it is to have, if one before that says so. */
export const threads: number | undefined = given.length > 1 ? Number(given[0]) : undefined
