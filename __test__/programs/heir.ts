// Goes on with a listening socket that somebody has left to it, until it is told to end.
import { once } from 'node:events'
import { createServer, type ListenOptions } from '../../ts/index.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as ListenOptions
const server = createServer(() => 'heir')

try {
  await server.listen(options)
  console.log(`listens ${JSON.stringify(server.address())}`)
  await once(process.stdin, 'data')
  await server.drain({ keepAliveGrace: 0 })
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException
  console.log(`${code} ${message}`)
}
process.stdin.destroy()
