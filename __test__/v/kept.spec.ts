import test from 'ava'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { file, reply } from '../../ts/index.ts'
import { Client, get, post } from '../support/client.ts'
import { until, within } from '../support/deadline.ts'
import { descriptors, folder, sparse } from '../support/folder.ts'
import { start } from '../support/program.ts'
import { inParallel, serve } from '../support/service.ts'

// What V's fasthttp tests of descriptors, signals, memory and slow readers, by the numbers in
// list.spec.ts. V looks at its pools and masks; here it is what the process keeps.

setFlagsFromString('--expose-gc')
/** Collects what nobody holds any more: what is being sent must not be among it. */
const collect = runInNewContext('gc') as () => void
const SIZE = 8 << 20

test.serial('V 49: empty files, pipelined, leave no descriptor behind', async (t) => {
  const path = join(folder(t), 'f')
  writeFileSync(path, '')
  const { connect } = await serve(t, () => file(path))
  const client = await connect()
  let before = -1
  for (let i = 0; i < 500; i++) {
    client.send(get('/') + get('/'))
    for (let n = 0; n < 2; n++) {
      const got = await client.reply()
      t.deepEqual([got.status, got.header('content-length')], [200, '0'])
    }
    if (i === 0) before = descriptors()
  }
  t.true(descriptors() <= before)
  t.true(client.isQuiet)
})

const onLinux = process.platform === 'linux' ? test : test.skip
for (const meaning of ['default', 'handled'] as const) {
  onLinux(`V 50: writing to clients that left raises no SIGPIPE: ${meaning}`, async (t) => {
    const program = start(t, 'sigpipe', { args: [meaning] })
    t.is(await program.line(), 'alive')
    const { code, signal } = await program.ended()
    t.deepEqual([code, signal], [0, null])
  })
}

test('V 52: connections that are over leave no memory behind', async (t) => {
  const program = start(t, 'upload-server')
  const port = Number(await program.line())
  const request = post('/', Buffer.alloc(20_000, 'b'))
  const round = (): Promise<void> =>
    inParallel(Array(1500).fill(0), 20, async () => {
      const client = await Client.connect(port)
      t.is((await client.send(request).reply()).text, '20000')
      client.socket.destroy()
    })
  await round()
  program.say('begin')
  await program.line()
  await round()
  program.say('end')
  const growth = Number(await program.line())
  // A read and a write buffer of V's would be 24 KiB for each: 36 MB.
  t.true(growth < 16 << 20, `${growth} bytes`)
  t.is((await program.ended()).code, 0)
})

test.serial(
  'V 64, V 65: idle connections, many requests, and a large answer to a slow reader',
  async (t) => {
    const large = Buffer.alloc(8 << 20, 'x')
    const { connect, server } = await serve(t, (req) =>
      req.path === '/large' ? reply(200, large) : req.path,
    )
    const idle = await Promise.all(Array.from({ length: 64 }, () => connect()))
    await inParallel(Array(256).fill(0), 16, async () => {
      const client = await connect()
      t.is((await client.get('/')).text, '/')
      client.socket.destroy()
    })
    const slow = await connect()
    slow.send(get('/large'))
    await within('head', slow.through('\r\n\r\n'))
    let size = 0
    const others = Promise.all(
      idle.map(async (client, i) => t.is((await client.get(`/${i}`)).text, `/${i}`)),
    )
    // It takes little at a time, and what it has asked for waits in the server meanwhile.
    slow.socket.pause()
    await within('the idle ones', others)
    for (let i = 0; i < 3; i++) collect()
    slow.socket.resume()
    while (size < SIZE) {
      const bytes = await within('bytes', slow.exactly(Math.min(65_536, SIZE - size)))
      t.true(bytes.every((byte) => byte === 0x78))
      size += bytes.length
    }
    t.true(slow.isQuiet)
    for (const client of [slow, ...idle]) client.socket.destroy()
    await until('an empty table', () => server.stats().connections.open === 0)
  },
)

test.serial(
  'V 66: a client that stops reading files is waited for, and holds up nobody',
  async (t) => {
    const root = folder(t)
    sparse(join(root, 'large'), 32 << 20)
    writeFileSync(join(root, 'small'), 'small')
    const { connect } = await serve(t, (req) => file(join(root, req.path)), { ioThreads: 1 })
    const [slow, quick] = [await connect(), await connect()]
    slow.send(get('/large') + get('/small'))
    await within('head', slow.through('\r\n\r\n'))
    slow.socket.pause()
    for (let i = 0; i < 100; i++) t.is((await quick.get('/small')).text, 'small')
    slow.socket.resume()
    t.is((await within('file', slow.exactly(32 << 20))).length, 32 << 20)
    t.is((await slow.reply()).text, 'small')
  },
)
