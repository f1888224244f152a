import test, { type ExecutionContext } from 'ava'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import type { UpgradeRequest } from '../../ts/index.ts'
import { gate, within } from '../support/deadline.ts'
import { inParallel, serve } from '../support/service.ts'

// `ws` from npm on both sides, unchanged: nobody here wrote it.

async function echoServer(t: ExecutionContext) {
  const service = await serve(t, () => 'http')
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 8 << 20 })
  service.server.on('upgrade', (req: UpgradeRequest, socket: Socket, head: Buffer) => {
    sockets.handleUpgrade(req as unknown as IncomingMessage, socket, head, (ws) => {
      ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }))
      sockets.emit('connection', ws, req)
    })
  })
  t.teardown(() => {
    for (const ws of sockets.clients) ws.terminate()
  })
  return { ...service, sockets }
}

function open(t: ExecutionContext, port: number, path = '/'): WebSocket {
  const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`)
  ws.on('error', (error) => t.log(error.message))
  t.teardown(() => ws.terminate())
  return ws
}

async function echo(ws: WebSocket, data: string | Buffer): Promise<[RawData, boolean]> {
  const message = once(ws, 'message')
  ws.send(data)
  return (await within('message', message)) as [RawData, boolean]
}

test('text, binary and 1 MiB messages, ping and the close handshake', async (t) => {
  const { port, sockets, connect } = await echoServer(t)
  const closed = gate<number>()
  sockets.on('connection', (ws: WebSocket) => ws.on('close', (code: number) => closed.open(code)))
  const ws = open(t, port)
  await within('open', once(ws, 'open'))
  const [text, isBinary] = await echo(ws, 'grüße')
  t.deepEqual([text.toString(), isBinary], ['grüße', false])
  for (const size of [0, 1, 125, 126, 65_535, 65_536, 1 << 20]) {
    const bytes = randomBytes(size)
    const [data, binary] = await echo(ws, bytes)
    t.true(binary && bytes.equals(data as Buffer), String(size))
  }
  const pong = once(ws, 'pong')
  ws.ping('are you there')
  t.is((await within('pong', pong)).toString(), 'are you there')
  const end = once(ws, 'close')
  ws.close(4321, 'enough')
  t.deepEqual(
    [(await within('close', end))[0], await within('close', closed.promise)],
    [4321, 4321],
  )
  t.is((await (await connect()).get('/')).text, 'http')
})

test('the server closes, and a client that vanishes is noticed', async (t) => {
  const { port, sockets } = await echoServer(t)
  const codes: number[] = []
  sockets.on('connection', (ws: WebSocket, req: UpgradeRequest) => {
    ws.on('close', (code: number) => codes.push(code))
    if (req.url === '/bye') ws.close(1001)
  })
  const ws = open(t, port, '/bye')
  t.is((await within('close', once(ws, 'close')))[0], 1001)
  const other = open(t, port)
  await within('open', once(other, 'open'))
  other.terminate()
  await within(
    'close',
    new Promise<void>((resolve) => {
      const look = (): void => (codes.length === 2 ? resolve() : void setTimeout(look, 1))
      look()
    }),
  )
  t.is(codes[1], 1006)
})

test('a handshake that ws refuses gets its answer', async (t) => {
  const { connect } = await echoServer(t)
  const client = await connect()
  const reply = await client.get('/', 'Connection: Upgrade\r\nUpgrade: websocket\r\n')
  t.is(reply.status, 400)
})

test('1,000 sockets at a time', async (t) => {
  const { server, port, sockets } = await echoServer(t)
  const numbers = Array.from({ length: 1000 }, (_, number) => number)
  const clients: WebSocket[] = []
  await inParallel(numbers, 50, async (number) => {
    const ws = open(t, port, `/${number}`)
    clients[number] = ws
    await within('open', once(ws, 'open'))
  })
  t.is(sockets.clients.size, 1000)
  await inParallel(numbers, 100, async (number) => {
    const [data] = await echo(clients[number] as WebSocket, `number ${number}`)
    t.is(data.toString(), `number ${number}`)
  })
  await within('close of the server', server.close())
  await inParallel(clients, 100, async (ws) => {
    const end = once(ws, 'close')
    ws.close(1000)
    await within('close', end)
  })
})
