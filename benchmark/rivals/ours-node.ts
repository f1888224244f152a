import { createServer } from '../../ts/node/index.ts'
import { listener } from './listener.ts'

const port = Number(process.argv[2])
createServer({ keepAliveTimeout: 65_000 }, listener).listen(port, '127.0.0.1')
