// Loaded before the program of a block: its servers get a port that nobody has, on loopback, and say
// which; whatever the program connects to on the port of its text is that server, and nobody else.
import cluster from 'node:cluster'
import { createRequire } from 'node:module'
import { type AddressInfo, type NetConnectOpts, Socket } from 'node:net'

type Listen = (this: Listening, ...args: unknown[]) => unknown

interface Listening {
  listen: Listen
  once(event: 'listening', listener: () => void): void
  address(): AddressInfo | string | null
}

// By its name, as the block has it.
const require = createRequire(new URL('../../../package.json', import.meta.url))
const { createServer } = require('fasthttp') as typeof import('../../ts/index.ts')

const HOST = '127.0.0.1'
const LOOPBACK = [HOST, '::1', 'localhost', undefined, null, '']
/** The ports that servers have in place of those of the text. */
const ports = new Map<number, number>()

const { createServer: createOfNode } =
  require('fasthttp/node') as typeof import('../../ts/node/index.ts')

for (const server of [createServer(() => ''), createOfNode()])
  onLoopback(Object.getPrototypeOf(server) as Listening)

/** Gives the servers of this prototype a port that nobody has. */
function onLoopback(servers: Listening): void {
  const { listen } = servers
  servers.listen = function (this: Listening, ...args) {
    const options = optionsOf(args)
    // What is inherited has a port already.
    if (options.path !== undefined || options.fd !== undefined) return listen.apply(this, args)
    const asked = Number(options.port ?? 0)
    // Workers of a cluster share a port, which must not be 0.
    const port = cluster.isWorker ? Number(process.env['DOCS_PORT']) : 0
    this.once('listening', () => {
      const address = this.address() as AddressInfo
      ports.set(asked, address.port).set(address.port, address.port)
      process.stdout.write(`listens: ${asked} ${address.port}\n`)
    })
    const callback = args.findLast((arg) => typeof arg === 'function')
    return listen.call(this, { ...options, port, host: HOST }, callback)
  }
}

function optionsOf(args: readonly unknown[]): { port?: unknown; path?: unknown; fd?: unknown } {
  const [first] = args
  if (typeof first === 'object' && first !== null) return first
  if (typeof first === 'string' && !/^\d+$/.test(first)) return { path: first }
  return { port: typeof first === 'function' ? 0 : first }
}

type Connect = (this: Socket, ...args: unknown[]) => Socket

const sockets = Socket.prototype as unknown as { connect: Connect }
const { connect } = sockets

sockets.connect = function (...args) {
  const [first] = args
  const given = (Array.isArray(first) ? first[0] : first) as NetConnectOpts
  if (typeof given !== 'object' || given === null) throw new Error('connect takes an object here')
  if (!('path' in given && given.path)) {
    const to = given as { port: number | string; host?: string }
    const port = ports.get(Number(to.port))
    if (port === undefined || !LOOPBACK.includes(to.host)) {
      throw new Error(`a block may reach nobody but its own servers, not ${to.host}:${to.port}`)
    }
    Object.assign(to, { port, host: HOST })
  }
  return connect.apply(this, args)
}
