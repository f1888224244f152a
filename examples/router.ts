// Routes with parameters, a group with middleware, and answers that never wake JavaScript.
import { createServer, json, Router, text } from 'fasthttp'

const router = new Router({ overlap: 'static-first' })
  .static('/', 'Hello, World!\n')
  .get('/user/:id', (req) => json({ id: req.params.id }))
  .get('/files/*path', (req) => `${req.params.path}\n`)

router
  .group('/admin')
  .use((req, next) => {
    return req.header('authorization') === undefined ? text('who?\n', { status: 401 }) : next()
  })
  .get('/stats', () => json(server.stats()))

const server = createServer(router)
await server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
const address = server.address()
if (address !== null && typeof address === 'object') {
  console.log(`http://${address.address}:${address.port}/ (also /user/1, /files/a, /admin/stats)`)
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.close())
