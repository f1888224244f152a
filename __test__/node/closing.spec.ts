import test from 'ava'
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { within } from '../support/deadline.ts'
import { DOORS } from '../support/doors.ts'

// Who comes in the moment in which a server begins, or ends.

for (const { name, make, writesHere } of DOORS)
  test(`who listens for connections before node's loop turns hears of all: ${name}`, async (t) => {
    const server = make((_, res) => void res.end())
    // Without a name to look up it listens when this returns.
    server.listen(0)
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    t.teardown(() => {
      client.destroy()
      server.close()
    })
    const count = (): Promise<number> =>
      new Promise((resolve) => server.getConnections((_, open) => resolve(open)))
    await count()
    // Ticks only: node itself lets nobody in meanwhile.
    if (!writesHere) while ((await count()) === 0);
    await within('connection', once(server, 'connection'))
    t.pass()
  })
