import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, file } from '../../ts/index.ts'

// Gives SIGPIPE its default meaning, death, by taking the last listener away; then clients leave
// in the middle of downloads.
const ignore = (): void => undefined
process.on('SIGPIPE', ignore)
process.removeListener('SIGPIPE', ignore)
const folder = mkdtempSync(join(tmpdir(), 'fasthttp-'))
const path = join(folder, 'f')
closeSync(openSync(path, 'w'))
truncateSync(path, 64 << 20)
const server = createServer(() => file(path))
await server.listen(0, '127.0.0.1')
const { port } = server.address() as AddressInfo
for (let i = 0; i < 50; i++) {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', ignore)
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(socket, 'data')
  socket.destroy()
  await once(socket, 'close')
}
await server.close({ timeout: 1000 })
rmSync(folder, { recursive: true })
console.log('alive')
