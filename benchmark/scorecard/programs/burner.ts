import { createServer, type ServerOptions } from '../../../ts/index.ts'

// A server of handlers that burn 20 ms each, and of one that blocks as long as its query says. Its
// first argument are options; it tells its port, and how many of the former ran when it is asked.

const BURN_MS = 20
let ran = 0

function burn(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

const server = createServer(JSON.parse(process.argv[2] ?? '{}') as ServerOptions, (req) => {
  if (req.path === '/block') {
    burn(Number(req.query))
    return 'unblocked'
  }
  if (req.path === '/upload') return `${req.body.length}`
  ran++
  burn(BURN_MS)
  return 'done'
})
await server.listen(0, '127.0.0.1')
process.on('message', () => process.send?.(ran))
process.send?.((server.address() as { port: number }).port)
