import { fileURLToPath } from 'node:url'

// The compiled file is dist/__test__/support/root.js.
/** The folder of the package, with its final slash. */
export const root: string = fileURLToPath(new URL('../../../', import.meta.url))
