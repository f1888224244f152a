// Its handler fails, and nobody listens to errors.
import type { AddressInfo } from 'node:net'
import { createServer } from '../../ts/index.ts'

const server = createServer(() => {
  void server.close()
  throw new Error('of the handler')
})
await server.listen(0, '127.0.0.1')
console.log((server.address() as AddressInfo).port)
