import test from 'ava'
import { get } from '../support/client.ts'
import { start } from '../support/program.ts'
import { connectFor } from '../support/service.ts'

/** What is asked for, and what is uncaught then. */
const CASES: [sent: string, message: string][] = [
  [get('/drain'), 'boom in drain'],
  [get('/write'), 'boom in write'],
  [get('/prefinish'), 'boom in prefinish'],
  // Behind an answer that is not there yet, so that the socket is not connected at once.
  [get('/late') + get('/connect'), 'boom in connect'],
  // Enough to fill a chunk: its successor is what there is no memory for.
  [get('/chunk') + get(`/${'x'.repeat(4000)}`).repeat(20), 'boom in an allocation'],
]

for (const [sent, message] of CASES) {
  test(`what is thrown is uncaught, and nobody else waits: ${message}`, async (t) => {
    const program = start(t, 'uncaught', { args: ['hears'] })
    const port = Number(await program.line())
    const other = await connectFor(t, port)
    await other.get('/')
    other.send(get('/held'))
    const client = (await connectFor(t, port)).send(sent)
    t.is(await program.line(), message)
    // It is answered where nothing is read: by whatever wakes the thread then, or never.
    t.is((await other.reply()).text, 'held')
    t.is((await other.get('/again')).text, '/again')
    client.reset()
    program.child.stdin?.end()
    other.finish()
    const { code, stderr } = await program.ended()
    t.deepEqual([code, stderr], [0, ''])
  })

  test(`what is thrown ends a process that does not hear of it: ${message}`, async (t) => {
    const program = start(t, 'uncaught')
    const port = Number(await program.line())
    const client = (await connectFor(t, port)).send(sent)
    const { code, stderr } = await program.ended()
    t.is(code, 1)
    t.regex(stderr, new RegExp(`Error: ${message}`))
    client.reset()
  })
}

test('all of what was pipelined is answered although there was no memory for a chunk', async (t) => {
  const program = start(t, 'uncaught', { args: ['hears'] })
  const client = await connectFor(t, Number(await program.line()))
  const path = `/${'x'.repeat(4000)}`
  client.send(get('/chunk') + get(path).repeat(100))
  t.is((await client.reply()).text, 'ok')
  for (let i = 0; i < 100; i++) t.is((await client.reply()).text, path)
  client.finish()
  program.child.stdin?.end()
  t.is((await program.ended()).code, 0)
})

for (const path of ['/hostile', '/hostile-raw']) {
  test(`a handler that throws what cannot be looked at is answered 500: ${path}`, async (t) => {
    const program = start(t, 'uncaught', { args: ['hears'] })
    const port = Number(await program.line())
    const client = await connectFor(t, port)
    t.is((await client.get(path)).status, 500)
    t.is((await client.get('/again')).text, '/again')
    client.finish()
    program.child.stdin?.end()
    t.is((await program.ended()).code, 0)
  })
}
