import { createServer } from '../../ts/index.ts'

import { answer } from './ours-routes.ts'

const server = createServer(async (req) => answer(req), { ioThreads: 1 })
await server.listen(Number(process.argv[2]), '127.0.0.1')
