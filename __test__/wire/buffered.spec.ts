import test from 'ava'
import { serve } from '../support/service.ts'

test('unfinished heads and bodies over maxBufferedBytes are all served in the end', async (t) => {
  const { connect } = await serve(t, (req) => `${req.body.length}`, { maxBufferedBytes: 1000 })
  const clients = await Promise.all(Array.from({ length: 40 }, () => connect()))
  const half = 'x'.repeat(400)
  for (const [i, client] of clients.entries()) {
    if (i % 2 === 0) client.send(`GET / HTTP/1.1\r\nHost: a.test\r\nX: ${half}`)
    else client.send(`POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 800\r\n\r\n${half}`)
  }
  for (const [i, client] of clients.entries()) client.send(i % 2 === 0 ? '\r\n\r\n' : half)
  for (const [i, client] of clients.entries()) {
    t.is((await client.reply()).text, i % 2 === 0 ? '0' : '800')
  }
})

test('clients that announce large bodies and send none keep nobody out', async (t) => {
  const { connect } = await serve(t, (req) => `${req.body.length}`)
  const heads = [
    'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1048576\r\n\r\nx',
    'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n',
  ]
  for (let i = 0; i < 600; i++) (await connect()).send(heads[i % 2] as string)
  const client = await connect()
  client.send('POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nab')
  await (await connect()).get('/')
  client.send('cd')
  t.is((await client.reply()).text, '4')
})
