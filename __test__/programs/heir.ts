// Goes on with a listening socket that somebody has left to it, until it is told to end: where it listens, what
// options it has, and how it is emptied.
import { once } from 'node:events'
import {
  createServer,
  type DrainOptions,
  type ListenOptions,
  type ServerOptions,
} from '../../ts/index.ts'

const [listen = {}, options = {}, drain = { keepAliveGrace: 0 }] = process.argv
  .slice(2)
  .map((text): unknown => JSON.parse(text)) as [ListenOptions?, ServerOptions?, DrainOptions?]
const server = createServer(() => 'heir', options)

try {
  await server.listen(listen)
  console.log(`listens ${JSON.stringify(server.address())}`)
  await once(process.stdin, 'data')
  await server.drain(drain)
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException
  console.log(`${code} ${message}`)
}
process.stdin.destroy()
