// Calls process.exit(7) while requests and answers are under way.
import type { AddressInfo } from 'node:net'
import { load } from '../support/load.ts'
import { loadedServer } from '../support/loaded.ts'

const [after = '100', how = 'handler'] = process.argv.slice(2)
let count = 0

const server = loadedServer(() => {
  if (++count !== Number(after)) return
  if (how === 'handler') process.exit(7)
  if (how === 'immediate') setImmediate(() => process.exit(7))
  if (how === 'closing') void server.close().then(() => process.exit(7))
  if (how === 'closing') server.closeAllConnections()
  if (how === 'throw') {
    process.exitCode = 7
    process.on('uncaughtException', () => process.exit(7))
    queueMicrotask(() => {
      throw new Error('end')
    })
  }
})
await server.listen(0, '127.0.0.1')
load((server.address() as AddressInfo).port, 4, () => undefined)
