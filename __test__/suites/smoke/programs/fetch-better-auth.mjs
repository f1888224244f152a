// better-auth in memory: who signs up has a session, who has none gets null.
import assert from 'node:assert'
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { fetching, json } from '../fetching.mjs'

const database = { user: [], session: [], account: [], verification: [] }
let auth
const { ask, end, url } = await fetching((request) => auth.handler(request))
auth = betterAuth({
  baseURL: url,
  secret: 'of the smoke test, long enough for anybody',
  database: memoryAdapter(database),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
})
const person = { email: 'a@a.test', password: 'correct horse', name: 'a' }
const signedUp = await ask('/api/auth/sign-up/email', json(person, { Origin: url }))
assert.strictEqual(signedUp.status, 200, signedUp.text)
const cookie = signedUp.headers
  .getSetCookie()
  .map((one) => one.split(';')[0])
  .join('; ')
const session = await ask('/api/auth/get-session', { headers: { Cookie: cookie } })
assert.strictEqual(JSON.parse(session.text).user.email, 'a@a.test')
assert.strictEqual((await ask('/api/auth/get-session')).text, 'null')
const wrong = { ...person, password: 'battery staple' }
assert.strictEqual((await ask('/api/auth/sign-in/email', json(wrong, { Origin: url }))).status, 401)
await end()
