// Apollo Server as a middleware of Express.
import assert from 'node:assert'
import { ApolloServer } from '@apollo/server'
import express from 'express'
import { HeaderMap } from '@apollo/server'
import { ask, finished, listening } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

const apollo = new ApolloServer({
  typeDefs: 'type Query { hello(name: String): String }',
  resolvers: { Query: { hello: (_parent, { name }) => `hello ${name}` } },
})
await apollo.start()
const app = express()
app.use(express.json())
app.use(async (req, res) => {
  const headers = new HeaderMap(Object.entries(req.headers).map(([k, v]) => [k, String(v)]))
  const request = { method: req.method, headers, search: '', body: req.body }
  const answer = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: request,
    context: async () => ({}),
  })
  for (const [name, value] of answer.headers) res.setHeader(name, value)
  res.status(answer.status ?? 200).send(answer.body.string)
})
const server = createServer(app)
const url = await listening(server)
const { status, text } = await ask(url, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ query: '{ hello(name: "you") }' }),
})
assert.strictEqual(status, 200)
assert.deepStrictEqual(JSON.parse(text), { data: { hello: 'hello you' } })
await apollo.stop()
await finished(server)
