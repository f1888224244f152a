// A JSON API over notes in memory: what clients send is checked by hand, and errors are JSON too.
import type { AddressInfo } from 'node:net'
import { createServer, empty, HttpError, type HttpRequest, json, Router } from 'fasthttp'

interface Note {
  readonly title: string
  readonly done: boolean
}

const notes = new Map<number, Note>()
let last = 0

/** The note in a request; throws for anything that is none, and says why. */
function noteOf(req: HttpRequest): Note {
  if (!/^application\/json\s*(;|$)/i.test(req.header('content-type') ?? '')) {
    throw new HttpError(415, 'Content-Type must be application/json')
  }
  const value = req.json<Record<string, unknown> | null>()
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isObject) throw new HttpError(422, 'a note must be an object')
  const { title, done = false, ...others } = value
  if (typeof title !== 'string' || title.length < 1 || title.length > 100) {
    throw new HttpError(422, 'title must be a string of 1 to 100 characters')
  }
  if (typeof done !== 'boolean') throw new HttpError(422, 'done must be true or false')
  for (const name in others) throw new HttpError(422, `unknown field ${JSON.stringify(name)}`)
  return { title, done }
}

/** The number in the path of a note that is there. */
function idOf(req: HttpRequest<{ id: string }>): number {
  const id = Number(req.params.id)
  if (!notes.has(id)) throw new HttpError(404, `no note ${req.params.id}`)
  return id
}

const router = new Router({ notFound: (req) => json({ error: `no ${req.path}` }, { status: 404 }) })
router.use(async (_, next) => {
  try {
    return await next()
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    return json({ error: error.message }, { status: error.status })
  }
})
router.get('/notes', () => json([...notes].map(([id, note]) => ({ id, ...note }))))
router.post('/notes', (req) => {
  const note = noteOf(req)
  notes.set(++last, note)
  const headers = { Location: `/notes/${last}` }
  return json({ id: last, ...note }, { status: 201, headers })
})
router.get('/notes/:id', (req) => json({ id: idOf(req), ...notes.get(idOf(req)) }))
router.delete('/notes/:id', (req) => empty(notes.delete(idOf(req)) ? 204 : 404))

const server = createServer(router)
await server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/notes`)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.close())
