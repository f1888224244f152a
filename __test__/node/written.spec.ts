import test from 'ava'
import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { within } from '../support/deadline.ts'
import { DOORS } from '../support/doors.ts'

// What a socket is given that it cannot send is refused at once, and what is written behind that is sent.

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\n'
const view = (bytes: string): ArrayBuffer => new Uint8Array(Buffer.from(bytes)).buffer

const REFUSED: readonly (readonly [name: string, write: (socket: Socket) => unknown])[] = [
  ['a number', (socket) => socket.write(123 as never)],
  ['null', (socket) => socket.write(null as never)],
  ['nothing', (socket) => socket.write(undefined as never)],
  ['an object', (socket) => socket.write({} as never)],
  ['an ArrayBuffer', (socket) => socket.write(view('ab') as never)],
  ['an array', (socket) => socket.write(['a'] as never)],
  ['another encoding', (socket) => socket.write('ab', 'nope' as never)],
  ['a number at the end', (socket) => socket.end(5 as never)],
]

for (const { name, make } of DOORS)
  test(`${name}: a socket refuses what it cannot send`, async (t) => {
    let refusals: string[] = []
    const server = make((req) => {
      const { socket } = req
      refusals = REFUSED.map(([what, write]) => {
        const { name: kind, code } = t.throws(() => write(socket), { any: true }) as Error & {
          code: string
        }
        return `${what}: ${kind} ${code}`
      })
      // Of what has other elements than bytes these are sent.
      socket.write(ANSWER, 'latin1')
      socket.write(new Uint16Array(view('ab')) as never)
      socket.write(new DataView(view('_cd_'), 1, 2) as never)
      socket.end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1')
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const received = await within('answer', text(client))
    t.is(received.split('\r\n\r\n')[1], 'abcd')
    t.deepEqual(refusals, [
      'a number: TypeError ERR_INVALID_ARG_TYPE',
      'null: TypeError ERR_STREAM_NULL_VALUES',
      'nothing: TypeError ERR_INVALID_ARG_TYPE',
      'an object: TypeError ERR_INVALID_ARG_TYPE',
      'an ArrayBuffer: TypeError ERR_INVALID_ARG_TYPE',
      'an array: TypeError ERR_INVALID_ARG_TYPE',
      'another encoding: TypeError ERR_UNKNOWN_ENCODING',
      'a number at the end: TypeError ERR_INVALID_ARG_TYPE',
    ])
    server.close()
    await within('close', once(server, 'close'))
  })
