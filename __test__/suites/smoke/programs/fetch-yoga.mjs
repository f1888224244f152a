// GraphQL Yoga by its fetch: a query, a subscription as a stream of events, a query in the URL.
import assert from 'node:assert'
import { createSchema, createYoga } from 'graphql-yoga'
import { fetching, json } from '../fetching.mjs'

const yoga = createYoga({
  logging: false,
  schema: createSchema({
    typeDefs: 'type Query { hello(name: String): String } type Subscription { count: Int }',
    resolvers: {
      Query: { hello: (_, { name }) => `hello ${name ?? ''}` },
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
const { ask, end } = await fetching((request, context) => yoga.fetch(request, context))
const query = (text, accept) => ask('/graphql', json({ query: text }, { Accept: accept }))
const hello = await query('{ hello(name: "me") }', 'application/json')
assert.deepStrictEqual(JSON.parse(hello.text), { data: { hello: 'hello me' } })
const counts = await query('subscription { count }', 'text/event-stream')
assert.deepStrictEqual(counts.text.match(/"count":\d/g), ['"count":1', '"count":2', '"count":3'])
const got = await ask(`/graphql?query=${encodeURIComponent('{ hello }')}`)
assert.deepStrictEqual(JSON.parse(got.text), { data: { hello: 'hello ' } })
await end()
