import { createServer } from '../../ts/index.ts'
import { port, threads } from '../support/served.ts'
import { answer } from './ours-routes.ts'

await createServer(answer, { ioThreads: threads ?? 1 }).listen(port, '127.0.0.1')
