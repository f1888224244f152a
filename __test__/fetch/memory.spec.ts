import test from 'ava'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { get, post } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { serve } from './served.ts'

// A request that is over is held by nobody, whatever was looked at.

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

test('requests, their signals, bodies and platform objects are collected', async (t) => {
  const refs: WeakRef<object>[] = []
  let came = gate()
  const { connect, errors } = await serve(t, async (req) => {
    const { pathname } = new URL(req.url)
    refs.push(new WeakRef(req), new WeakRef(req.signal), new WeakRef(req.headers))
    req.signal.addEventListener('abort', () => undefined)
    if (pathname === '/never') {
      came.open()
      return new Promise<Response>(() => undefined)
    }
    if (pathname === '/native') refs.push(new WeakRef(req.native()))
    if (pathname === '/clone') refs.push(new WeakRef(req.clone()))
    if (pathname === '/body') return new Response(req.body)
    return new Response(await req.text())
  })
  const client = await connect()
  for (let i = 0; i < 3; i++) {
    for (const path of ['/text', '/native', '/clone', '/body'])
      t.is((await client.send(post(path, 'text')).reply()).text, 'text')
    t.is((await client.get('/text')).text, '')
  }
  for (let i = 0; i < 3; i++) {
    came = gate()
    const leaving = await connect()
    leaving.send(get('/never'))
    await within('the request', came.promise)
    leaving.reset()
  }
  await until('the collection of all', () => {
    collect()
    return refs.every((ref) => ref.deref() === undefined)
  })
  t.is(refs.length, 3 * (5 * 3 + 2) + 3 * 3)
  t.deepEqual(errors, [])
})
