import test from 'ava'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HttpRequest, ListenOptions } from '../../ts/index.ts'
import type { Target } from '../support/client.ts'
import { serve } from '../support/service.ts'

const socketPath = join(tmpdir(), `fasthttp-address-${process.pid}.sock`)
test.after.always(() => rmSync(socketPath, { force: true }))

/** Where to listen and connect, and the client's and the server's address as seen then. */
const ENDS: [string, ListenOptions, (port: number) => Target, remote: string, local: string][] = [
  [
    'IPv4',
    { host: '127.0.0.1' },
    (port) => ({ port, host: '127.0.0.1' }),
    '127.0.0.1',
    '127.0.0.1',
  ],
  ['IPv6', { host: '::1' }, (port) => ({ port, host: '::1' }), '::1', '::1'],
  ['dual stack, IPv6 client', { host: '::' }, (port) => ({ port, host: '::1' }), '::1', '::1'],
  [
    'dual stack, IPv4 client',
    { host: '::' },
    (port) => ({ port, host: '127.0.0.1' }),
    '::ffff:127.0.0.1',
    '::ffff:127.0.0.1',
  ],
  [
    'another loopback address',
    { host: '0.0.0.0' },
    (port) => ({ port, host: '127.0.0.2', localAddress: '127.0.0.3' }),
    '127.0.0.3',
    '127.0.0.2',
  ],
  ['a Unix socket', { path: socketPath }, () => socketPath, '', ''],
]

for (const [name, listen, target, remote, local] of ENDS) {
  test(`addresses and ports of a request over ${name}`, async (t) => {
    let seen: HttpRequest | undefined
    const { port, connect } = await serve(
      t,
      (req) => {
        seen = req
        return 'ok'
      },
      {},
      listen,
    )
    const client = await connect(target(port))
    t.is((await client.get('/')).text, 'ok')
    const { remoteAddress, remotePort, localAddress, localPort } = seen as HttpRequest
    t.deepEqual(
      { remoteAddress, remotePort, localAddress, localPort },
      { remoteAddress: remote, remotePort: client.port, localAddress: local, localPort: port },
    )
  })
}
