// GraphQL Yoga as a request listener, with a subscription as a stream of events.
import assert from 'node:assert'
import { createSchema, createYoga } from 'graphql-yoga'
import { ask, finished, listening } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

const yoga = createYoga({
  logging: false,
  schema: createSchema({
    typeDefs: 'type Query { hello: String } type Subscription { count: Int }',
    resolvers: {
      Query: { hello: () => 'hello' },
      Subscription: {
        count: {
          async *subscribe() {
            for (const count of [1, 2, 3]) yield { count }
          },
        },
      },
    },
  }),
})
const server = createServer(yoga)
const url = await listening(server)
const query = (text, accept) =>
  ask(`${url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: accept },
    body: JSON.stringify({ query: text }),
  })
const hello = await query('{ hello }', 'application/json')
assert.deepStrictEqual(JSON.parse(hello.text), { data: { hello: 'hello' } })
const counts = await query('subscription { count }', 'text/event-stream')
assert.deepStrictEqual(counts.text.match(/"count":\d/g), ['"count":1', '"count":2', '"count":3'])
await finished(server)
