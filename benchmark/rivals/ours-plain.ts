import { createServer } from '../../ts/index.ts'
import { HELLO } from '../support/answers.ts'

// One handler, one answer: what routes are compared with.
await createServer(() => HELLO, { ioThreads: 1 }).listen(Number(process.argv[2]), '127.0.0.1')
