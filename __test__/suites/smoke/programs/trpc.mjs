// tRPC's handler for node:http: a query, a mutation and an error.
import assert from 'node:assert'
import { initTRPC, TRPCError } from '@trpc/server'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { ask, finished, listening } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

const t = initTRPC.create()
const router = t.router({
  hello: t.procedure.query(() => 'hello'),
  add: t.procedure.input((value) => value).mutation(({ input }) => input.a + input.b),
  no: t.procedure.query(() => {
    throw new TRPCError({ code: 'FORBIDDEN' })
  }),
})
const server = createServer(createHTTPHandler({ router, onError() {} }))
const url = await listening(server)
assert.strictEqual(JSON.parse((await ask(`${url}/hello`)).text).result.data, 'hello')
const added = await ask(`${url}/add`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: '{"a":1,"b":2}',
})
assert.strictEqual(JSON.parse(added.text).result.data, 3)
assert.strictEqual((await ask(`${url}/no`)).status, 403)
await finished(server)
