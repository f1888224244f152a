import test from 'ava'
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { get } from '../support/client.ts'
import { until, within } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { serve } from '../support/service.ts'

// What a client hears that is still sending when it is answered.

const TRIES = 20
const body = Buffer.alloc(9 << 20, 'x')

type Upload = (url: string, path: string) => Promise<number>

const UPLOADS: Record<string, Upload> = {
  fetch: async (url) => (await fetch(url, { method: 'POST', body })).status,
  'http.request': (url) =>
    new Promise((resolve, reject) => {
      const headers = { 'Content-Length': body.length }
      const sent = request(url, { method: 'POST', headers, agent: false }, (answer) => {
        answer.resume()
        answer.once('end', () => resolve(answer.statusCode ?? 0))
        answer.once('error', reject)
      })
      sent.once('error', reject)
      sent.end(body)
    }),
  'http.request in chunks': (url) =>
    new Promise((resolve, reject) => {
      const sent = request(url, { method: 'POST', agent: false }, (answer) => {
        answer.resume()
        answer.once('end', () => resolve(answer.statusCode ?? 0))
        answer.once('error', reject)
      })
      sent.once('error', reject)
      for (let at = 0; at < body.length; at += 1 << 20)
        sent.write(body.subarray(at, at + (1 << 20)))
      sent.end()
    }),
  curl: async (url, path) => {
    const args = ['-s', '-H', 'Expect:', '-o', path, '-w', '%{http_code}']
    const { stdout } = await promisify(execFile)('curl', [
      ...args,
      '--data-binary',
      `@${path}`,
      url,
    ])
    return Number(stdout)
  },
}

for (const [name, upload] of Object.entries(UPLOADS)) {
  for (const bodyMode of ['buffer', 'stream'] as const) {
    // Without a length its handler answers before it is known to be too large.
    if (name.endsWith('in chunks') && bodyMode === 'stream') continue
    test(`an upload that is too large hears 413 every time: ${name}, ${bodyMode}`, async (t) => {
      const path = join(folder(t), 'body')
      writeFileSync(path, body)
      // A client that a busy machine lets wait is not cut.
      const { port } = await serve(t, () => 'ok', { bodyMode, lingerTimeout: 60_000 })
      const heard: number[] = []
      for (let i = 0; i < TRIES; i++) {
        writeFileSync(path, body)
        heard.push(await within('an answer', upload(`http://127.0.0.1:${port}/`, path)))
      }
      t.deepEqual(
        heard,
        Array.from({ length: TRIES }, () => 413),
      )
    })
  }
}

const HEAD = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`

for (const lingerBytes of [0, 1000, 1 << 20]) {
  test(`no more than lingerBytes are read of what nobody wants: ${lingerBytes}`, async (t) => {
    const { server, connect } = await serve(t, () => 'ok', { lingerBytes, lingerTimeout: 60_000 })
    const client = await connect()
    client.send(HEAD).send(body)
    t.is((await client.reply()).status, 413)
    await until('the end of reading', () => server.stats().bytes.in >= lingerBytes)
    // The first read and the last one may bring more.
    t.true(server.stats().bytes.in <= lingerBytes + 2 * (64 << 10))
    t.is(server.stats().connections.open, 1)
    client.reset()
    await until('no connection', () => server.stats().connections.open === 0)
  })
}

test('who goes on sending is closed when lingerTimeout is over', async (t) => {
  const { server, connect } = await serve(t, () => 'ok', { lingerBytes: 0, lingerTimeout: 2000 })
  const client = await connect()
  client.send(HEAD).send(body)
  t.is((await client.reply()).status, 413)
  await client.gone()
  await until('no connection', () => server.stats().connections.open === 0)
})

test('a client that says FIN behind its upload is closed without a reset', async (t) => {
  const { server, connect } = await serve(t, () => 'ok', { lingerBytes: 0, lingerTimeout: 60_000 })
  for (let i = 0; i < 20; i++) {
    const client = await connect()
    // No more than the kernel takes: so FIN arrives although nothing is read.
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n')
    client.send(Buffer.alloc(30_000)).finish()
    t.is((await client.reply()).status, 413)
    await client.closed()
    await until('no connection', () => server.stats().connections.open === 0)
  }
})

test('empty lines behind an answer are no request: a silent close, and none that is asked for', async (t) => {
  for (const lines of ['\r\n', '\r\n\r\n\r', '\r']) {
    const { server, connect } = await serve(t, () => 'ok', {
      keepAliveTimeout: 1500,
      headersTimeout: 1500,
    })
    const client = await connect()
    t.is((await client.send(get('/') + lines).reply()).text, 'ok')
    t.is((await within('the end', client.rest())).length, 0, JSON.stringify(lines))
    const { timeouts } = server.stats()
    t.deepEqual([timeouts['idle'], timeouts['head']], [1, 0])
    const other = await connect()
    t.is((await other.send(get('/') + lines).reply()).text, 'ok')
    server.closeIdleConnections()
    t.is((await within('the end', other.rest())).length, 0)
  }
})
