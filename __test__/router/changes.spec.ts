import test from 'ava'
import { Router } from '../../ts/index.ts'
import { get, post } from '../support/client.ts'
import { within } from '../support/deadline.ts'
import { inParallel, serve } from '../support/service.ts'

test('routes come and go while 64 connections are served', async (t) => {
  const router = new Router().get('/stays/:id', (req) => req.params.id)
  const { connect } = await serve(t, router, { ioThreads: 2 })
  const clients = await Promise.all(Array.from({ length: 64 }, () => connect()))
  const state = { isDone: false }
  const traffic = inParallel(clients, clients.length, async (client) => {
    for (let i = 0; !state.isDone && i < 10_000; i++) {
      const id = `${client.port}-${i}`
      client.send(get(`/stays/${id}`) + get('/comes/and/goes'))
      t.is((await client.reply()).text, id)
      const other = await client.reply()
      t.true(other.status === 404 || ['js', 'fixed'].includes(other.text))
    }
  })
  const witness = await connect()
  for (let i = 0; i < 60; i++) {
    // What was changed before a request was sent counts for it.
    if (i % 2 === 0) router.get('/comes/and/goes', () => 'js')
    else router.static('/comes/and/goes', 'fixed')
    t.is((await witness.get('/comes/and/goes')).text, i % 2 === 0 ? 'js' : 'fixed')
    router.remove('GET', '/comes/and/goes')
    t.is((await witness.get('/comes/and/goes')).status, 404)
  }
  state.isDone = true
  await within('traffic', traffic)
})

test('a handler that adds a route has added it for the next request', async (t) => {
  const router = new Router()
  router.post('/add/:name', (req) => {
    router.get(`/${req.params.name}`, () => req.params.name)
    return 'added'
  })
  router.delete('/remove/:name', (req) => String(router.remove('GET', `/${req.params.name}`)))
  const { connect } = await serve(t, router)
  const client = await connect()
  for (let i = 0; i < 50; i++) {
    t.is((await client.get(`/n${i}`)).status, 404)
    await client.send(post(`/add/n${i}`, '')).reply()
    t.is((await client.get(`/n${i}`)).text, `n${i}`)
    t.is(
      (await client.send(`DELETE /remove/n${i} HTTP/1.1\r\nHost: a\r\n\r\n`).reply()).text,
      'true',
    )
  }
})

test('one router serves several servers', async (t) => {
  const router = new Router().get('/a', () => 'a')
  const [one, other] = [await serve(t, router), await serve(t, router)]
  const clients = [await one.connect(), await other.connect()]
  for (const client of clients) t.is((await client.get('/a')).text, 'a')
  await one.server.close()
  router.get('/b', () => 'b')
  t.is((await (await other.connect()).get('/b')).text, 'b')
})
