import { createServer } from '../../ts/index.ts'
import { port, threads } from '../support/served.ts'
import { answer } from './ours-routes.ts'

const server = createServer(async (req) => answer(req), { ioThreads: threads ?? 1 })
await server.listen(port, '127.0.0.1')
