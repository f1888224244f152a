import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, file } from '../../ts/index.ts'

// Clients leave in the middle of downloads. SIGPIPE has its default meaning, death, as its last
// listener is taken away; or, as `handled`, a listener that must hear of it once, from ourselves.
const isHandled = process.argv[2] === 'handled'
let heard = 0
const ignore = (): void => undefined
const count = (): void => void heard++
process.on('SIGPIPE', ignore)
process.removeListener('SIGPIPE', ignore)
if (isHandled) process.on('SIGPIPE', count)
const folder = mkdtempSync(join(tmpdir(), 'fasthttp-'))
const path = join(folder, 'f')
closeSync(openSync(path, 'w'))
truncateSync(path, 64 << 20)
const server = createServer((req) =>
  req.path === '/file' ? file(path) : Buffer.alloc(8 << 20).toString('latin1'),
)
await server.listen(0, '127.0.0.1')
const { port } = server.address() as AddressInfo
for (let i = 0; i < 50; i++) {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', ignore)
  socket.write(`GET ${i % 2 === 0 ? '/file' : '/text'} HTTP/1.1\r\nHost: a\r\n\r\n`)
  await once(socket, 'data')
  socket.destroy()
  await once(socket, 'close')
}
await server.close({ timeout: 1000 })
rmSync(folder, { recursive: true })
const masks = readFileSync('/proc/self/status', 'utf8').matchAll(
  /^(?:SigBlk|SigPnd|ShdPnd):\s*(\w+)$/gm,
)
const isMasked = [...masks].some(([, mask]) => (BigInt(`0x${mask}`) & (1n << 12n)) !== 0n)
if (isMasked) throw new Error('SIGPIPE is blocked or pending')
if (isHandled) {
  const late = setTimeout(ignore, 10_000)
  const caught = once(process, 'SIGPIPE')
  process.kill(process.pid, 'SIGPIPE')
  await caught
  clearTimeout(late)
  if (heard !== 1) throw new Error(`SIGPIPE was heard of ${heard} times`)
}
console.log('alive')
