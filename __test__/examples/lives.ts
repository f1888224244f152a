import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import { once } from 'node:events'
import { get } from '../support/client.ts'
import { within } from '../support/deadline.ts'
import type { Ask } from './asked.ts'

export const askCookies: Ask = async (t, { ask }, { SECRET = '' }) => {
  const login = (password: string): Promise<Response> =>
    ask('/login', { method: 'POST', body: new URLSearchParams({ user: 'ann', password }) })
  t.is((await login('sesame')).status, 403)
  const answer = await login('open sesame')
  t.is(answer.status, 204)
  const [session = '', user = '', ...others] = answer.headers.getSetCookie()
  t.deepEqual(others, [])
  t.regex(session, /^session=ann\.\d+\.[\w-]{43}; Max-Age=3600; Path=\/; SameSite=Lax; HttpOnly$/)
  t.is(user, 'user=ann; Path=/; SameSite=Lax')

  const cookie = session.split(';')[0] ?? ''
  const sign = (text: string): string =>
    `session=${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`
  const hour = Date.now() + 3_600_000
  const cases: [what: string, cookie: string, status: number][] = [
    ['as it was given', cookie, 200],
    ['among others', `a=b; ${cookie}; c=d`, 200],
    ['signed with the secret', sign(`ann.${hour}`), 200],
    ['of somebody else', cookie.replace('ann', 'bob'), 401],
    ['that lasts longer', cookie.replace(/\.(\d)/, '.9$1'), 401],
    ['with another signature', cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), 401],
    ['without a signature', cookie.replace(/\.[^.]*$/, ''), 401],
    ['signed with the secret, too old', sign('ann.1'), 401],
    ['that is empty', 'session=', 401],
    ['by another name', cookie.replace('session', 'xsession'), 401],
  ]
  for (const [what, sent, status] of cases) {
    const told = await ask('/me', { headers: { cookie: sent } })
    t.is(told.status, status, what)
    t.is(await told.text(), status === 200 ? '{"user":"ann"}' : 'log in first\n', what)
  }
  const gone = await ask('/logout', { method: 'POST' })
  t.deepEqual(
    gone.headers.getSetCookie().map((line) => line.split('; ').slice(0, 2).join('; ')),
    ['session=; Max-Age=0', 'user=; Max-Age=0'],
  )
}

export const askShutdown: Ask = async (t, { connect: client, port, program }) => {
  const [busy, other] = [await client(), await client()]
  busy.send(get('/slow'))
  t.is((await other.get('/ready')).text, 'ok')
  // An idle one is waited for.
  other.socket.destroy()
  program.child.kill('SIGTERM')
  t.is(await program.line(), 'SIGTERM: closing')
  const reply = await busy.reply()
  t.is(reply.text, 'answered all the same\n')
  t.is(reply.header('connection'), 'close')
  t.is(await program.line(), 'closed')
  const late = connect(port, '127.0.0.1')
  const [error] = (await within('refusal', once(late, 'error'))) as [NodeJS.ErrnoException]
  t.is(error.code, 'ECONNREFUSED')
}

export const askImpatient: Ask = async (t, { connect: client, program }) => {
  const other = await client()
  t.is((await other.get('/ready')).status, 200)
  program.child.kill('SIGTERM')
  t.is(await program.line(), 'SIGTERM: closing')
  t.is((await other.get('/ready')).status, 503)
  await other.closed()
  t.is((await (await client()).get('/')).status, 200)
  program.child.kill('SIGTERM')
}

export const askCluster: Ask = async (t, { connect: client }) => {
  const seen = new Set<number>()
  const look = async (): Promise<void> => {
    try {
      const one = await client()
      seen.add(Number(/^answered by (\d+)\n$/.exec((await one.get('/')).text)?.[1]))
      one.socket.destroy()
    } catch {
      // It was a connection of the worker that ends.
    }
  }
  const see = async (count: number): Promise<void> => {
    for (let tries = 0; seen.size < count && tries < 10_000; tries++) await look()
    t.is(seen.size, count)
  }
  await within('two workers answer', see(2))
  process.kill([...seen][0] ?? 0, 'SIGKILL')
  await within('a third one answers', see(3))
  t.false(seen.has(Number.NaN))
}
