// tRPC's handler of the Fetch API: a query, a mutation, a batch and an error.
import assert from 'node:assert'
import { initTRPC, TRPCError } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { fetching, json } from '../fetching.mjs'

const t = initTRPC.context().create()
const router = t.router({
  hello: t.procedure.query(({ ctx }) => `hello ${ctx.agent}`),
  add: t.procedure.input((value) => value).mutation(({ input }) => input.a + input.b),
  no: t.procedure.query(() => {
    throw new TRPCError({ code: 'FORBIDDEN' })
  }),
})
const { ask, end } = await fetching((req) =>
  fetchRequestHandler({
    endpoint: '/trpc',
    req,
    router,
    createContext: ({ req: { headers } }) => ({ agent: headers.get('user-agent') }),
  }),
)
const hello = await ask('/trpc/hello', { headers: { 'User-Agent': 'me' } })
assert.strictEqual(JSON.parse(hello.text).result.data, 'hello me')
assert.strictEqual(JSON.parse((await ask('/trpc/add', json({ a: 1, b: 2 }))).text).result.data, 3)
const batch = JSON.parse((await ask('/trpc/hello,hello?batch=1')).text)
assert.strictEqual(batch.length, 2)
assert.strictEqual((await ask('/trpc/no')).status, 403)
await end()
