// Serves itself a few requests and says the version of Node, if all was well.
import { strict as assert } from 'node:assert'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { AddressInfo } from 'node:net'
import { bytes, createServer, HttpError, type HttpResult, json } from '../../ts/index.ts'
import { Client, get, post } from '../support/client.ts'

const storage = new AsyncLocalStorage<string>()
const leaks: string[] = []

const server = createServer((req): HttpResult | Promise<HttpResult> => {
  const [, what = '', argument = ''] = req.path.split('/')
  const before = storage.getStore()
  if (before !== undefined) leaks.push(before)
  switch (what) {
    case 'echo':
      return bytes(req.body, { transfer: argument === 'given' })
    case 'user':
      storage.enterWith(argument)
      return new Promise((resolve) => setImmediate(() => resolve(storage.getStore() ?? 'nobody')))
    case 'anonymous':
      return storage.getStore() ?? 'nobody'
    case 'json':
      return json({
        host: req.header('host'),
        clone: structuredClone(req.buffer.buffer).byteLength,
      })
    default:
      throw new HttpError(404)
  }
})
await server.listen(0, '127.0.0.1')
const client = await Client.connect((server.address() as AddressInfo).port)
const paths = ['/user/alice', '/anonymous', '/user/bob', '/anonymous']
const users = ['alice', 'nobody', 'bob', 'nobody']
for (let i = 0; i < 500; i++) client.send(paths.map((path) => get(path)).join(''))
for (let i = 0; i < 500; i++) {
  for (const user of users) assert.equal((await client.reply()).text, user)
}
assert.deepEqual(leaks, [])
for (const size of [0, 1, 30_000, 40_000, 1_000_000]) {
  for (const how of ['', 'given']) {
    const body = Buffer.alloc(size, 'x')
    assert.deepEqual((await client.send(post(`/echo/${how}`, body)).reply()).body, body)
  }
}
assert.deepEqual(JSON.parse((await client.get('/json')).text), { host: 'a.test', clone: 36 })
assert.equal((await client.get('/none')).status, 404)
client.socket.destroy()
await server.close()
console.log(process.version)
