// Sessions in a signed cookie: log in, be known, log out. The user is ann, the password "open sesame".
import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { createServer, empty, HttpError, type HttpRequest, json, Router } from 'fasthttp'

// Behind a proxy that speaks TLS, add `Secure`.
const SHOWN = 'Path=/; SameSite=Lax'
const HIDDEN = `${SHOWN}; HttpOnly`
/** Sessions outlive the process only if it is given the secret. */
const secret = process.env['SECRET'] ?? randomBytes(32)

// Keep the salt, another one for each user, beside the hash.
const hash = promisify(scrypt) as (password: string, salt: string, size: number) => Promise<Buffer>
const users = new Map([['ann', await hash('open sesame', 'ann', 32)]])

function sign(text: string): string {
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

/** A cookie of a request. */
function cookie(req: HttpRequest, name: string): string | undefined {
  const pairs = req.header('cookie')?.split('; ')
  return pairs?.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** Who a request is from: the cookie must be as it was signed, and not too old. */
function userOf(req: HttpRequest): string {
  const given = Buffer.from(cookie(req, 'session') ?? '')
  const [user = '', until = ''] = given.toString().split('.')
  const own = Buffer.from(sign(`${user}.${until}`))
  const isOurs = given.length === own.length && timingSafeEqual(given, own)
  if (!isOurs || Number(until) < Date.now()) throw new HttpError(401, 'log in first\n')
  return user
}

const router = new Router()
router.post('/login', async (req) => {
  const form = new URLSearchParams(req.text())
  const user = form.get('user') ?? ''
  const given = await hash(form.get('password') ?? '', user, 32)
  // A user who is not there takes as long as one with another password.
  if (!timingSafeEqual(given, users.get(user) ?? randomBytes(32))) {
    throw new HttpError(403, 'no such user, or another password\n')
  }
  const session = sign(`${user}.${Date.now() + 3600 * 1000}`)
  const cookies = [`session=${session}; Max-Age=3600; ${HIDDEN}`, `user=${user}; ${SHOWN}`]
  return empty(204, { headers: { 'Set-Cookie': cookies } })
})
router.get('/me', (req) => json({ user: userOf(req) }))
router.post('/logout', () => {
  const cookies = ['session', 'user'].map((name) => `${name}=; Max-Age=0; ${SHOWN}`)
  return empty(204, { headers: { 'Set-Cookie': cookies } })
})

const server = createServer(router)
await server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/me (also /login, /logout)`)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.close())
