import test from 'ava'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from '../../ts/node/index.ts'
import { until, within } from '../support/deadline.ts'

// What a server says of its listening is node's to the letter: programs log it as JSON.

/** An address, and the error of a second server that wants it, without the port in both. */
async function told(make: () => http.Server): Promise<string[]> {
  const [first, second] = [make(), make()]
  // A host is looked up, be it an address.
  const listening = new Promise((resolve) => first.once('listening', resolve))
  first.listen(0, '127.0.0.1')
  await within('listening', listening)
  const address = first.address() as AddressInfo
  const failed = new Promise<Error>((resolve) => second.once('error', resolve))
  second.listen(address.port, '127.0.0.1')
  const error = await within('error', failed)
  await within('close', new Promise((resolve) => first.close(resolve)))
  const port = String(address.port)
  return [address, { ...error, message: error.message }].map((one) =>
    JSON.stringify(one).replaceAll(port, 'PORT'),
  )
}

for (const ioThreads of [0, 1])
  test(`an address and the error of one in use are shown as node's, ${ioThreads} I/O threads`, async (t) => {
    const ours = await told(() => createServer({ ioThreads }))
    t.deepEqual(ours, await told(() => http.createServer()))
    t.regex(ours.join(), /"family":"IPv4".*EADDRINUSE/)
  })

for (const ioThreads of [0, 1])
  test(`a Unix socket is for whom its options say, ${ioThreads} I/O threads`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'listen-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 's')
    for (const rights of [{}, { readableAll: true }, { readableAll: true, writableAll: true }]) {
      const modes: number[] = []
      for (const server of [createServer({ ioThreads }), http.createServer()]) {
        server.listen({ path, ...rights })
        modes.push(statSync(path).mode)
        await within('close', new Promise((resolve) => server.close(resolve)))
      }
      t.is(modes[0], modes[1], JSON.stringify(rights))
    }
  })

for (const ioThreads of [0, 1])
  test.serial(
    `nothing listens for a server that was told of an error, ${ioThreads} I/O threads`,
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'listen-'))
      t.teardown(() => rmSync(folder, { recursive: true }))
      const path = join(folder, 's')
      const open = (): number =>
        process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0
      const before = open()
      const server = createServer({ ioThreads })
      server.on('close', () => t.fail('it has never listened'))
      const failed = new Promise<Error>((resolve) => server.once('error', resolve))
      const { Socket } = net
      // As a Node does that lets nobody have one.
      net.Socket = function () {
        throw new Error('no socket')
      } as unknown as typeof Socket
      server.listen(path)
      net.Socket = Socket
      t.is((await within('error', failed)).message, 'no socket')
      await until('an end', () => !existsSync(path) && open() <= before)
      t.false(server.listening)
      server.listen(path)
      t.true(server.listening)
      server.removeAllListeners('close')
      await within('close', new Promise((resolve) => server.close(resolve)))
    },
  )
