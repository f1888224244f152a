// Workers of a cluster with servers of node's API, asked by their primary; prints what happened, line by line.
//
//   clustered.js stock|ours rr|none <port or path> <I/O threads>
//
// Twelve requests, each of a client of its own; one that is still answered when the workers are disconnected; one
// behind that.
import cluster from 'node:cluster'
import { once } from 'node:events'
import http from 'node:http'
import { createServer } from '../../ts/node/index.ts'
import { counted } from '../../ts/node/counted.ts'

const [door, policy, where = '0', threads] = process.argv.slice(2)
const lines: string[] = []

function ask(at: http.RequestOptions, path: string): Promise<string> {
  return new Promise((resolve) => {
    const req = http.request({ ...at, path, agent: false }, (res) => {
      let text = ''
      res.on('data', (chunk: Buffer) => (text += chunk.toString()))
      res.on('end', () => resolve(text))
    })
    req.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    req.end()
  })
}

async function lead(): Promise<void> {
  const workers = [cluster.fork(), cluster.fork()]
  const exits = workers.map((worker) => once(worker, 'exit'))
  // Behind what they have said.
  const ends = workers.map((worker) => once(worker, 'disconnect'))
  const listening = workers.map(() => once(cluster, 'listening'))
  const messages: Record<string, unknown>[] = []
  cluster.on('message', (_worker, message: Record<string, unknown>) => void messages.push(message))
  const [[, address]] = (await Promise.all(listening)) as [[unknown, { port: number }]]
  while (messages.length < workers.length) await once(cluster, 'message')
  const at = where === '0' ? { port: address.port, host: '127.0.0.1' } : { socketPath: where }
  let answered = 0
  for (let i = 0; i < 12; i++) if ((await ask(at, '/')) === 'ok') answered++
  lines.push(`answered ${answered}`)
  const held = ask(at, '/held')
  while (!messages.some(({ held: is }) => is === true)) await once(cluster, 'message')
  for (const worker of workers) worker.send('leave')
  // It is answered when its server has been closed.
  lines.push(`held ${await held}`)
  for (const [code, signal] of await Promise.all(exits)) lines.push(`exit ${code} ${signal}`)
  await Promise.all(ends)
  lines.push(`behind ${await ask(at, '/')}`)
  for (const { address: one } of messages)
    if (one !== undefined) lines.push(`address ${String(one)}`)
  const served = messages.flatMap(({ served: count }) => (typeof count === 'number' ? [count] : []))
  console.log(JSON.stringify({ lines: lines.toSorted(), served }))
}

function follow(): void {
  const held: http.ServerResponse[] = []
  const make = door === 'stock' ? http.createServer : createServer
  const server = (make as typeof createServer)({ ioThreads: Number(threads) }, (req, res) => {
    if (req.url !== '/held') return void res.end('ok')
    held.push(res)
    process.send?.({ held: true })
  })
  const { close } = server
  server.close = (done) => {
    setImmediate(() => held.pop()?.end('late'))
    return close.call(server, done)
  }
  server.on('close', () =>
    process.send?.({ served: counted.requests, fallbacks: counted.fallbacks }),
  )
  process.once('message', () => cluster.worker?.disconnect())
  server.listen(where === '0' ? { port: 0, host: '127.0.0.1' } : { path: where }, () => {
    const address = server.address()
    process.send?.({ address: typeof address === 'object' ? address?.address : address })
  })
}

if (cluster.isPrimary) {
  cluster.schedulingPolicy = policy === 'rr' ? cluster.SCHED_RR : cluster.SCHED_NONE
  await lead()
} else follow()
