// Closes while it answers its first request; the process has nothing else to do.
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { bytes, createServer } from '../../ts/index.ts'

const [size = '0', how = 'at once'] = process.argv.slice(2)
const body = new Uint8Array(Number(size)).fill(0x61)

const server = createServer(async () => {
  void server.close()
  if (how === 'late') await delay(30)
  return bytes(body, { transfer: how === 'given' })
})
await server.listen(0, '127.0.0.1')
console.log((server.address() as AddressInfo).port)
