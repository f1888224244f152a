// Nest on Express, which makes its own server; decorators are called as the functions that they are.
import assert from 'node:assert'
import { Body, Controller, Get, HttpException, Module, Param, Post } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ask, finished, listening } from '../asking.mjs'

class Users {
  one(id) {
    if (id === '0') throw new HttpException('nobody', 418)
    return { id }
  }
  add(body) {
    return body
  }
}
const method = (name, ...decorators) => {
  const descriptor = Object.getOwnPropertyDescriptor(Users.prototype, name)
  for (const decorate of decorators) decorate(Users.prototype, name, descriptor)
}
Controller('users')(Users)
method('one', Get(':id'))
Param('id')(Users.prototype, 'one', 0)
method('add', Post())
Body()(Users.prototype, 'add', 0)
function App() {}
Module({ controllers: [Users] })(App)

const app = await NestFactory.create(App, { logger: false, forceCloseConnections: true })
await app.listen(0, '127.0.0.1')
const server = app.getHttpServer()
const url = await listening(server)
assert.deepStrictEqual(JSON.parse((await ask(`${url}/users/7`)).text), { id: '7' })
assert.strictEqual((await ask(`${url}/users/0`)).status, 418)
const added = await ask(`${url}/users`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: '{"name":"a"}',
})
assert.deepStrictEqual([added.status, added.text], [201, '{"name":"a"}'])
await app.close()
await finished({ close: (done) => done(), closeAllConnections() {} })
