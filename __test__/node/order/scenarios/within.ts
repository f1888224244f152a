import { post, type Scenario } from '../scenario.ts'

/** A client that leaves too early, by the point where it does. */
export type Point = Pick<Scenario, 'name' | 'handler' | 'client' | 'setup'>

/** Listens to what node's parser says of a client, and ends its connection as it does by itself. */
const listening: Scenario['setup'] = (server, { note }) =>
  void server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    note(`server clientError [${error.code}] ${error.message}`)
    socket.destroy()
  })

/** Leaves within a body when the answer has this. */
const leavesBehind =
  (text: string): Scenario['client'] =>
  async ({ connect, seen }) => {
    const peer = await connect()
    await peer.send(post(5, 'he')).got(text)
    peer.leave()
    await seen('socket 1 close')
  }

/** Clients that leave within a body which is answered by then. */
export const WITHIN: readonly Point[] = [
  {
    name: 'within the body behind an early answer',
    handler: (_req, res) => void res.end('early'),
    client: leavesBehind('early'),
  },
  {
    name: 'within the body behind an early answer; clientError is listened to',
    handler: (_req, res) => void res.end('early'),
    setup: listening,
    client: leavesBehind('early'),
  },
  {
    name: 'within the body behind an early answer, after which the socket was ended',
    handler(req, res) {
      res.on('finish', () => req.socket.destroySoon())
      res.end('early')
    },
    setup: listening,
    client: leavesBehind('early'),
  },
  {
    name: 'within the body behind the beginning of an answer; clientError is listened to',
    handler: (_req, res) => void res.write('begin'),
    setup: listening,
    client: leavesBehind('begin'),
  },
]
