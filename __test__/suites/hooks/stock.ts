// Loaded before a program with `node --import`: leaves node's own server where it is and counts the
// requests that reach JavaScript, in the words that `fasthttp/register` uses of its own. Also what stands in
// for that one where the runner itself is tested.
import { appendFileSync } from 'node:fs'
import { Server } from 'node:http'
import { isMainThread, threadId } from 'node:worker_threads'

const log = process.env['FASTHTTP_REGISTER_LOG']
let requests = 0
let servers = 0

/** The events by which a request reaches a program; one of them each. */
const REQUESTS = new Set(['request', 'checkContinue', 'checkExpectation', 'upgrade', 'connect'])

if (log !== undefined) {
  const emit = Server.prototype.emit
  // By prototype, as the tools that watch programs do it; node looks it up for each request.
  Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]): boolean {
    if (event === 'listening') servers++
    if (REQUESTS.has(event)) requests++
    return Reflect.apply(emit, this, [event, ...args])
  } as typeof emit
  process.on('exit', () => {
    const counted = { pid: process.pid, servers, requests, fallbacks: 0 }
    appendFileSync(log, `${JSON.stringify(isMainThread ? counted : { ...counted, threadId })}\n`)
  })
}
