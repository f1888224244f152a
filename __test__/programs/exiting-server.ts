// Answers its first request and exits at once, in the way and by the server that it is told.
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from '../../ts/node/index.ts'

const [whose = '', where = '', size = '1'] = process.argv.slice(2)
const body = 'a'.repeat(Number(size))
const leave = (): void => process.exit(7)

const listener: http.RequestListener = (_, res) => {
  if (where === 'finish') res.on('finish', leave)
  if (where === 'tick') process.nextTick(leave)
  if (where === 'callback') res.end(body, leave)
  else res.end(body)
  if (where === 'promise') void Promise.resolve().then(leave)
  if (where === 'throw') throw new Error('on purpose')
  if (where === 'handler') leave()
}
const server =
  whose === 'stock'
    ? http.createServer(listener)
    : createServer({ ioThreads: Number(whose) }, listener)
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
