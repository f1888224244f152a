import test from 'ava'
import { execFileSync, spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { file, text } from '../../ts/index.ts'
import { type Client, get } from '../support/client.ts'
import { until, within } from '../support/deadline.ts'
import { descriptors, folder, sparse } from '../support/folder.ts'
import { connectFor, inParallel, serve } from '../support/service.ts'

const SIZE = 64 << 20
const sigpipe = fileURLToPath(new URL('../programs/sigpipe.js', import.meta.url))

test.serial('downloads that are broken off leave no descriptor behind', async (t) => {
  const root = folder(t)
  const path = join(root, 'f')
  sparse(path, 8 << 20)
  const { connect, server } = await serve(t, () => file(path))
  const first = await connect()
  await first.get('/')
  first.socket.destroy()
  await until('no connection', () => server.stats().connections.open === 0)
  const before = descriptors()
  await inParallel(
    Array.from({ length: 1500 }, (_, i) => i),
    20,
    async (i) => {
      const client = await connect()
      client.send(get('/').repeat(1 + (i % 3)))
      if (i % 4 > 0) await client.exactly(i % 4 === 1 ? 1 : 100_000)
      if (i % 2 === 0) client.reset()
      else client.socket.destroy()
    },
  )
  await until('no connection', () => server.stats().connections.open === 0)
  await until('no descriptor', () => descriptors() <= before)
  t.is((await (await connect()).get('/')).body.length, 8 << 20)
})

test.serial('a client that asks for many files at once has one of them open', async (t) => {
  const root = folder(t)
  sparse(join(root, 'large'), 4 << 20)
  writeFileSync(join(root, 'small'), 'small')
  let asked = 0
  const { connect } = await serve(t, (req) => {
    asked++
    return file(join(root, req.path), { onMissing: () => text('none', { status: 404 }) })
  })
  const client = await connect()
  // Accepted by now.
  t.is((await client.get('/small')).text, 'small')
  const before = descriptors()
  const paths = Array.from({ length: 16 }, (_, i) => ['/large', '/small', '/large', '/gone'][i % 4])
  client.send(paths.map((path) => get(path as string)).join(''))
  await until('all of them', () => asked === 1 + paths.length)
  for (const path of paths) {
    t.true(descriptors() <= before + 1)
    const { status, body } = await client.reply()
    const expected = { '/large': [200, 4 << 20], '/small': [200, 5], '/gone': [404, 4] }
    t.deepEqual([status, body.length], expected[path as '/large'], path)
  }
})

test.serial(
  'a reader that stands still holds up nobody, takes no memory, and is cut in the end',
  async (t) => {
    const root = folder(t)
    sparse(join(root, 'large'), SIZE)
    writeFileSync(join(root, 'small'), 'small')
    const { connect, server } = await serve(t, (req) => file(join(root, req.path)), {
      writeTimeout: 1000,
      ioThreads: 1,
    })
    const slow = await Promise.all(Array.from({ length: 32 }, () => connect()))
    const before = process.memoryUsage().rss
    for (const client of slow) {
      client.socket.pause()
      client.send(get('/large'))
    }
    const quick = await connect()
    for (let i = 0; i < 200; i++) t.is((await quick.get('/small')).text, 'small')
    await until('the slow ones are cut', () => server.stats().connections.open === 1)
    t.is(server.stats().timeouts['write'], 32)
    t.true(process.memoryUsage().rss - before < 64 << 20)
    t.is((await quick.get('/small')).text, 'small')
  },
)

const onLinux = process.platform === 'linux' ? test.serial : test.skip
onLinux('a file that is on the disk only arrives whole, read by a thread of its own', async (t) => {
  const root = folder(t)
  const path = join(root, 'f')
  const content = Buffer.from(Uint8Array.from({ length: 5_000_000 }, (_, i) => i % 253))
  writeFileSync(path, content)
  const { connect } = await serve(t, () => file(path))
  const client = await connect()
  for (let i = 0; i < 3; i++) {
    // Out of the page cache, where the file system lets it go.
    execFileSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'])
    execFileSync('sync', [path])
    execFileSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'])
    client.send(get('/') + get('/'))
    for (let n = 0; n < 2; n++) t.true((await client.reply()).body.equals(content))
  }
  const threads = readdirSync('/proc/self/task').map((id) =>
    readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim(),
  )
  t.log(threads.includes('fasthttp-file') ? 'the helper has read it' : 'it stayed in memory')
})

onLinux('a client that goes away raises no SIGPIPE, whatever the signal means', async (t) => {
  const child = spawn(process.execPath, [sigpipe], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => void child.kill('SIGKILL'))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  t.is((await within('line', lines.next())).value, 'alive')
})

test.serial('close ends what is being sent with its last byte, a time-out cuts it', async (t) => {
  const root = folder(t)
  const path = join(root, 'f')
  sparse(path, 16 << 20)
  for (const timeout of [undefined, 50]) {
    const { connect, server } = await serve(t, () => file(path))
    const client = await connect()
    client.send(get('/'))
    await client.through('\r\n\r\n')
    if (timeout !== undefined) client.socket.pause()
    const closed = server.close(timeout === undefined ? {} : { timeout })
    if (timeout === undefined) t.is((await client.exactly(16 << 20)).length, 16 << 20)
    await within('close', closed)
    client.socket.resume()
    if (timeout === undefined) await client.closed()
  }
})

test.serial(
  'files that come late: a handler that waits, an early answer behind a late one, an abort',
  async (t) => {
    const root = folder(t)
    const path = join(root, 'f')
    writeFileSync(path, 'late')
    const waiting: (() => void)[] = []
    const { connect, server, errors } = await serve(
      t,
      (req) =>
        req.path === '/wait'
          ? new Promise((yes) => waiting.push(() => yes(file(path))))
          : file(join(root, req.path)),
      { handlerTimeout: 10_000 },
    )
    const client = await connect()
    client.send(get('/wait') + get('/f') + get('/wait'))
    const gone = await connect()
    gone.send(get('/wait'))
    await until('three wait', () => waiting.length === 3)
    gone.reset()
    await until('one is gone', () => server.stats().connections.open === 1)
    for (const answer of waiting) answer()
    for (let i = 0; i < 3; i++) t.is((await client.reply()).text, 'late')
    t.deepEqual(errors, [])
  },
)

test.serial(
  'a client that leaves while a file is looked for aborts what onMissing waits for',
  async (t) => {
    const root = folder(t)
    const clients = new Map<number, Client>()
    const signals: AbortSignal[] = []
    let count = 0
    const { connect, errors, server } = await serve(t, (req) => {
      const { signal, remotePort } = req
      // Nobody has looked for it before, so that a helper has to, which takes a while.
      const path = join(root, `${count++}`)
      setImmediate(() => clients.get(remotePort)?.reset())
      return file(path, {
        onMissing() {
          signals.push(signal)
          return new Promise(() => undefined)
        },
      })
    })
    for (let i = 0; i < 300; i++) {
      const client = await connect()
      clients.set(client.port, client)
      client.send(get('/'))
      await until('handler', () => count > i)
    }
    await until('no connection', () => server.stats().connections.open === 0)
    await until('aborts', () => signals.every(({ aborted }) => aborted))
    t.log(`${signals.length} of ${count}`)
    t.deepEqual(errors, [])
  },
)

const program = fileURLToPath(new URL('../programs/few-files.js', import.meta.url))
const few = process.platform === 'win32' ? test.skip : test.serial
few('without a descriptor for a file the client gets 503, and onError hears of it', async (t) => {
  const shell = `ulimit -n 64; exec '${process.execPath}' '${program}'`
  const child = spawn('sh', ['-c', shell], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => void child.kill('SIGKILL'))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const line = async (): Promise<string> => String((await within('line', lines.next())).value)
  const port = Number(await line())
  const client = await connectFor(t, port)
  t.is((await client.get('/file')).status, 200)
  t.is((await client.get('/exhaust')).text, 'exhausted')
  const got = await client.get('/file')
  t.deepEqual([got.status, got.header('retry-after')], [503, '1'])
  t.is(await line(), 'EMFILE open')
  t.is((await client.get('/release')).text, 'released')
  t.is((await client.get('/file')).status, 200)
})
