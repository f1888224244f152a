import { Http200, newAsyncHttpServer } from '../../ts/asynchttpserver/index.ts'
import { HELLO } from '../support/answers.ts'

// Nim's API over our server. On the one core that it gets it has one I/O thread, as ours-plain has.
const server = newAsyncHttpServer()
await server.serve(
  Number(process.argv[2]),
  async (req) => {
    await req.respond(Http200, HELLO)
  },
  { address: '127.0.0.1' },
)
