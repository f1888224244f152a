import test from 'ava'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from '../../ts/node/index.ts'
import { Client } from '../support/client.ts'
import { within } from '../support/deadline.ts'

// What becomes of a request without a body, by who listens to it and since when: the same as with node's server.

type Handler = (req: IncomingMessage, res: ServerResponse, note: (line: string) => void) => void

function watch(req: IncomingMessage, note: (line: string) => void): void {
  for (const event of ['data', 'readable', 'end', 'close', 'error'])
    req.on(event, () => note(`req ${event}`))
}

const CASES: { [what: string]: Handler } = {
  nobody: (_req, res) => res.end('ok'),
  'nobody, answered later': (_req, res) => void setImmediate(() => res.end('ok')),
  'nobody, in pieces': (_req, res) => {
    res.write('o')
    res.end('k')
  },
  'nobody, without text': (_req, res) => res.end(),
  'end of the request': (req, res, note) => {
    req.on('end', () => note('req end'))
    res.end('ok')
  },
  'its close': (req, res, note) => {
    req.on('close', () => note('req close'))
    res.end('ok')
  },
  'all of it, behind the answer': (req, res, note) => {
    res.end('ok')
    watch(req, note)
  },
  'all of it, before a late answer': (req, res, note) => {
    watch(req, note)
    setImmediate(() => res.end('ok'))
  },
  'its end, from the finish of the answer on': (req, res, note) => {
    res.on('finish', () => req.on('end', () => note('req end')))
    res.end('ok')
  },
  'its close, a tick behind the answer': (req, res, note) => {
    res.end('ok')
    process.nextTick(() => req.on('close', () => note('req close')))
  },
  'resume a tick behind the answer': (req, res, note) => {
    res.end('ok')
    process.nextTick(() => {
      req.on('end', () => note('req end'))
      req.resume()
    })
  },
  'read at once': (req, res, note) => {
    note(`read ${req.read()}`)
    res.end('ok')
  },
  paused: (req, res) => {
    req.pause()
    res.end('ok')
  },
  'answered from its end': (req, res) => void req.resume().on('end', () => res.end('ok')),
  'answered behind a loop over it': async (req, res, note) => {
    for await (const piece of req) note(`piece ${piece}`)
    res.end('ok')
  },
  'a loop over it behind the answer': (req, res, note) => {
    res.end('ok')
    setImmediate(async () => {
      for await (const piece of req) note(`piece ${piece}`)
      note('looped')
    })
  },
  destroyed: (req, res, note) => {
    req.on('close', () => note('req close'))
    res.end('ok')
    setImmediate(() => req.destroy())
  },
}

/** Who comes when the answer is out is told of the request's end a tick later than by Node 24 and later. */
const LATE = new Set([
  'its end, from the finish of the answer on',
  'its close, a tick behind the answer',
  'resume a tick behind the answer',
])

/** What is said of a request when all is over. */
function stateOf(req: IncomingMessage): object {
  const { complete, readable, readableEnded, destroyed, closed, errored, aborted } = req
  return { complete, readable, readableEnded, destroyed, closed, errored, aborted }
}

async function play(create: typeof http.createServer, what: string): Promise<object> {
  const handler = CASES[what] as Handler
  const lines: string[] = []
  let seen: IncomingMessage | undefined
  const ended = new Promise<void>((resolve) => {
    const server = create((req, res) => {
      seen = req
      res.on('close', () => lines.push('res close'))
      handler(req, res, (line) => lines.push(line))
    })
    server.on('close', resolve)
    server.listen(0, '127.0.0.1', async () => {
      const client = await Client.connect((server.address() as AddressInfo).port)
      lines.push((await client.get('/')).text)
      for (let i = 0; i < 5; i++) await new Promise((later) => setImmediate(later))
      client.socket.destroy()
      server.close()
    })
  })
  await within('close', ended)
  // The client hears of it at a time of its own.
  const told = lines.filter((line) => line !== 'ok')
  return { lines: LATE.has(what) ? told.toSorted() : told, state: stateOf(seen!) }
}

for (const what of Object.keys(CASES)) {
  test(`a request without a body: ${what}`, async (t) => {
    t.deepEqual(
      await play(createServer as typeof http.createServer, what),
      await play(http.createServer, what),
    )
  })
}

test('a request that nobody reads is over without a tick of its stream', async (t) => {
  // What node does for it goes through `resume`, which nobody has to call here.
  let resumed = 0
  const server = createServer((req, res) => {
    const { resume } = req
    req.resume = () => {
      resumed++
      return resume.call(req)
    }
    res.end('ok')
  }).listen(0)
  const client = await Client.connect((server.address() as AddressInfo).port)
  for (let i = 0; i < 3; i++) await client.get('/')
  client.socket.destroy()
  await within('close', new Promise((resolve) => server.close(resolve)))
  t.is(resumed, 0)
})
