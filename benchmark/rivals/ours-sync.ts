import { createServer } from '../../ts/index.ts'

import { answer } from './ours-routes.ts'

await createServer(answer, { ioThreads: 1 }).listen(Number(process.argv[2]), '127.0.0.1')
