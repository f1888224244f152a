import test from 'ava'
import { Router } from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { serve } from '../support/service.ts'

const soon = async (): Promise<string> => {
  await new Promise((resolve) => setImmediate(resolve))
  return 'late'
}

test('an answer that follows its interim response too early is not taken for a second one', async (t) => {
  const { connect } = await serve(t, (req) => {
    if (req.path === '/late') return new Promise((resolve) => setTimeout(resolve, 30, 'late'))
    req.earlyHints('</style.css>; rel=preload')
    return 'hinted'
  })
  const client = await connect()
  client.send(get('/late') + get('/hinted'))
  t.is((await client.reply()).text, 'late')
  t.is((await client.through('\r\n\r\n')).toString('latin1', 9, 12), '103')
  t.is((await client.reply()).text, 'hinted')
})

for (const size of [10, 5000, 70_000, 120_000]) {
  test(`a streamed body of ${size} bytes that no handler sees is no request`, async (t) => {
    const router = new Router().get('/a', soon).get('/b', () => 'b')
    const { connect } = await serve(t, router, { bodyMode: 'stream', ioThreads: 1 })
    const head = `POST /none HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${size}\r\n\r\n`
    const bytes = Buffer.from(head + 'x'.repeat(size) + get('/b'))
    // Cut within the body, so that its rest comes before its answer is due, or at once.
    for (const cut of [0, head.length + 1, head.length + 7, bytes.length]) {
      const client = await connect()
      client.send(get('/a')).send(bytes.subarray(0, cut))
      await new Promise((resolve) => setImmediate(resolve))
      client.send(bytes.subarray(cut))
      for (const status of [200, 404, 200]) t.is((await client.reply()).status, status)
    }
  })
}
