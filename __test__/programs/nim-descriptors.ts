// Nim's server where few descriptors may be open: by its documented loop, or by `serve`. Tells what it
// has when it is asked.
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Http200, newAsyncHttpServer, type Request } from '../../ts/asynchttpserver/index.ts'
import { descriptors } from '../../ts/server/descriptors.ts'

const server = newAsyncHttpServer()
const callback = (req: Request): Promise<void> => req.respond(Http200, 'ok')
let refusals = 0

async function loop(): Promise<void> {
  await server.listen(0, '127.0.0.1')
  for (;;) {
    if (server.shouldAcceptRequest()) await server.acceptRequest(callback)
    else {
      refusals++
      await delay(50)
    }
  }
}

const manner = process.argv[2]
const assumed = manner === 'guarded' ? 5 : -1
const running =
  manner === 'loop'
    ? loop()
    : server.serve(0, callback, { address: '127.0.0.1', assumedDescriptorsPerRequest: assumed })
running.catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
while (!isListening()) await delay(1)
console.log(JSON.stringify({ port: server.getPort() }))

process.stdin.on('data', () => {
  const { open, limit } = descriptors()
  // What the guard is for: something else of the process needs a descriptor.
  const isReadable = readFileSync(fileURLToPath(import.meta.url)).length > 0
  const may = server.shouldAcceptRequest()
  console.log(JSON.stringify({ open, limit, isReadable, may, refusals }))
})
process.stdin.on('end', () => process.exit(0))

function isListening(): boolean {
  try {
    return server.getPort() > 0
  } catch {
    return false
  }
}
