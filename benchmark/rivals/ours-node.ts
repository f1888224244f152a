import { createServer } from '../../ts/node/index.ts'
import { port, threads } from '../support/served.ts'
import { listener } from './listener.ts'

const options = { keepAliveTimeout: 65_000, ...(threads !== undefined && { ioThreads: threads }) }
createServer(options, listener).listen(port, '127.0.0.1')
