// What a program of Express does, of whichever version: routes, parameters, a body, a redirect, a file and an error.
import assert from 'node:assert'
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask, finished, listening } from './asking.mjs'
import { createServer } from './server-under-test.mjs'

/** Runs it. */
export async function run(express) {
  const folder = mkdtempSync(join(tmpdir(), 'smoke-'))
  writeFileSync(join(folder, 'page.html'), '<p>page')
  const app = express()
  app.use(express.json())
  app.use('/static', express.static(folder))
  app.get('/users/:id', (req, res) => res.json({ id: req.params.id, query: req.query, ip: req.ip }))
  app.post('/echo', (req, res) => res.status(201).send(req.body))
  app.get('/away', (_req, res) => res.redirect('/users/1'))
  app.get('/none', (_req, res) => res.sendStatus(204))
  app.get('/error', () => {
    throw new Error('mine')
  })
  app.use((error, _req, res, _next) => res.status(500).send(error.message))

  const server = createServer(app)
  const url = await listening(server)
  const user = await ask(`${url}/users/7?a=b`)
  assert.deepStrictEqual(JSON.parse(user.text), { id: '7', query: { a: 'b' }, ip: '127.0.0.1' })
  const echo = await ask(`${url}/echo`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"a":1}',
  })
  assert.deepStrictEqual([echo.status, echo.text], [201, '{"a":1}'])
  const away = await ask(`${url}/away`)
  assert.deepStrictEqual([away.status, away.headers.get('location')], [302, '/users/1'])
  const page = await ask(`${url}/static/page.html`)
  assert.deepStrictEqual([page.status, page.text], [200, '<p>page'])
  const same = await ask(`${url}/static/page.html`, {
    headers: { 'If-None-Match': page.headers.get('etag'), 'Cache-Control': 'max-age=0' },
  })
  assert.deepStrictEqual([same.status, same.text], [304, ''])
  assert.strictEqual((await ask(`${url}/none`)).status, 204)
  assert.deepStrictEqual((({ status, text }) => [status, text])(await ask(`${url}/error`)), [
    500,
    'mine',
  ])
  assert.strictEqual((await ask(`${url}/nowhere`)).status, 404)
  rmSync(folder, { recursive: true })
  await finished(server)
}
