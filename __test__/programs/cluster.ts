// Two workers of a cluster on one port; before that, what a worker may not do.
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { createServer, type ListenOptions } from '../../ts/index.ts'

const [port = '0', path = ''] = process.argv.slice(2)

async function main(): Promise<void> {
  const workers = [cluster.fork(), cluster.fork()]
  const said = (worker: Worker): Promise<string[]> =>
    once(worker, 'message').then(([lines]) => lines as string[])
  const [first = [], second = []] = await Promise.all(workers.map(said))
  for (const line of first.slice(0, 2)) console.log(line)
  console.log(first[2] === 'listens' && second[2] === 'listens' ? 'two workers listen' : 'refused')
  await once(process.stdin, 'data')
  for (const worker of workers) worker.send('end')
  await Promise.all(workers.map((worker) => once(worker, 'exit')))
  process.stdin.destroy()
}

async function attempt(options: ListenOptions): Promise<string> {
  const server = createServer(() => 'ok')
  try {
    await server.listen(options)
    process.once('message', () => {
      void server.close()
      process.disconnect()
    })
    return 'listens'
  } catch (error) {
    return `${(error as NodeJS.ErrnoException).code} ${(error as Error).message}`
  }
}

if (cluster.isPrimary) {
  await main()
} else {
  const lines = [await attempt({ port: 0, host: '127.0.0.1' }), await attempt({ path })]
  lines.push(await attempt({ port: Number(port), host: '127.0.0.1' }))
  process.send?.(lines)
}
