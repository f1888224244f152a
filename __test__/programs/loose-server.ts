// Listens, and lets the process end all the same, in the way that its argument says.
import { createServer } from '../../ts/index.ts'

const server = createServer(() => 'ok')
switch (process.argv[2]) {
  case 'before':
    await server.unref().listen(0, '127.0.0.1')
    break
  case 'after':
    await server.listen(0, '127.0.0.1')
    server.unref()
    break
  case 'again':
    await server.listen(0, '127.0.0.1')
    server.unref().ref().unref()
    break
  case 'aborted': {
    const controller = new AbortController()
    await server.listen({ port: 0, host: '127.0.0.1', signal: controller.signal })
    controller.abort()
    break
  }
  case 'failed':
    await server.listen({ path: '/nonexistent/folder/socket' }).catch(() => undefined)
    break
  default:
    await server.listen(0, '127.0.0.1')
    server.unref().ref()
    process.once('SIGTERM', () => void server.close())
}
console.log(server.listening)
