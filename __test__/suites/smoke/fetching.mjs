// Serves a fetch handler by the door that SMOKE_DOOR names, and says in the end what it was asked: as much as its
// handler has had.
import assert from 'node:assert'
import { alsoAsked, ask, finished, listening } from './asking.mjs'

const { createServer } = await import(process.env.SMOKE_DOOR)

/** A server of this handler; `ask` takes a path, `end` ends it. */
export async function fetching(handler, options = {}) {
  let had = 0
  let asked = 0
  const errors = []
  const onError = (error) => errors.push(error)
  const counting = (request, context) => {
    had++
    return handler(request, context)
  }
  const server = createServer(counting, { onError, ...options })
  const url = await listening(server)
  return {
    url,
    server,
    ask(path, init) {
      asked++
      return ask(url + path, init)
    },
    /** Counts requests that were made by other means. */
    also(count = 1) {
      asked += count
      alsoAsked(count)
    },
    async end() {
      assert.deepStrictEqual(errors, [])
      assert.strictEqual(had, asked)
      await finished(server)
    },
  }
}

/** What is sent with a POST of JSON. */
export const json = (value, headers = {}) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(value),
})
