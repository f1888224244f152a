import { join } from 'node:path'

import { createServer, file } from '../../ts/index.ts'

import { writeFiles } from '../support/files.ts'

const root = writeFiles()
const server = createServer((req) => file(join(root, req.path)), { ioThreads: 1 })
await server.listen(Number(process.argv[2]), '127.0.0.1')
