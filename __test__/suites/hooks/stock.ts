// Loaded before a program with `node --import`: leaves node's own server where it is and counts the
// requests that reach JavaScript, in the words that `fasthttp/register` uses of its own. Also what stands in
// for that one where the runner itself is tested.
import { subscribe } from 'node:diagnostics_channel'
import { appendFileSync } from 'node:fs'
import { Server } from 'node:http'
import { isMainThread, threadId } from 'node:worker_threads'

const log = process.env['FASTHTTP_REGISTER_LOG']
let requests = 0
let servers = 0

/** The events of requests that have no response, of which the channel says nothing. */
const TAKEN = new Set(['upgrade', 'connect'])

if (log !== undefined) {
  // Node's code answers some of them itself, and the server that is compared counts those too. What comes by
  // TLS is node's on both sides.
  subscribe('http.server.request.start', (message) => {
    if ((message as { server: unknown }).server instanceof Server) requests++
  })
  const emit = Server.prototype.emit
  // By prototype, as the tools that watch programs do it; node looks it up for each request.
  Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]): boolean {
    if (event === 'listening') servers++
    if (TAKEN.has(event)) requests++
    return Reflect.apply(emit, this, [event, ...args])
  } as typeof emit
  process.on('exit', () => {
    const counted = { pid: process.pid, servers, requests, fallbacks: 0 }
    appendFileSync(log, `${JSON.stringify(isMainThread ? counted : { ...counted, threadId })}\n`)
  })
}
