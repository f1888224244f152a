// Restarts two instances behind HAProxy, one after the other, while clients post all the time:
//   node dist/examples/haproxy/rolling.js [restarts] [requests]
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { type AddressInfo, createConnection, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [restarts, requests] = [Number(process.argv[2] ?? 10), Number(process.argv[3] ?? 100_000)]
const conf = fileURLToPath(new URL('../../../examples/haproxy/haproxy.cfg', import.meta.url))
const program = fileURLToPath(new URL('server.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'rolling-'))
const STATS = join(folder, 'stats')

/** A socket that listens on a port that nobody has. */
async function holder(): Promise<{ server: Server; port: number }> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

async function start(port: string): Promise<ChildProcess> {
  const env = { ...process.env, PORT: port }
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'], env })
  await once(child.stdout, 'data')
  return child
}

/** Whether HAProxy sends requests to this server. */
async function isUp(name: string): Promise<boolean> {
  try {
    const socket = createConnection(STATS)
    socket.write('show stat\n')
    const lines = (await socket.toArray()).join('').split('\n')
    return lines.some((line) => line.startsWith(`app,${name},`) && line.split(',')[17] === 'UP')
  } catch {
    return false
  }
}

async function up(name: string): Promise<void> {
  while (!(await isUp(name))) await new Promise((resolve) => setTimeout(resolve, 20))
}

const ports = [await holder(), await holder()]
const [ONE, TWO] = ports.map(({ port }) => String(port)) as [string, string]
for (const { server } of ports) server.close()
const front = await holder()
const fd = Reflect.get(Reflect.get(front.server, '_handle') as object, 'fd') as number
const instances = { one: await start(ONE), two: await start(TWO) }
const env = { ...process.env, ONE, TWO, STATS }
const proxy = spawn('haproxy', ['-db', '-f', conf], {
  stdio: ['ignore', 'inherit', 'inherit', fd],
  env,
})
front.server.close()
await Promise.all([up('one'), up('two')])

const agent = new Agent({ keepAlive: true, maxSockets: 50 })
const failures = new Map<string, number>()
const rolled = new AbortController()
let sent = 0

function post(): Promise<string> {
  return new Promise((resolve) => {
    const asked = request(
      { port: front.port, host: '127.0.0.1', method: 'POST', agent },
      (answer) => {
        answer.resume()
        answer.on('end', () => resolve(String(answer.statusCode)))
        answer.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)))
      },
    )
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)))
    asked.end('x'.repeat(100))
  })
}

async function client(): Promise<void> {
  while (!rolled.signal.aborted || sent < requests) {
    sent++
    const how = await post()
    if (how !== '200') failures.set(how, (failures.get(how) ?? 0) + 1)
  }
}

const clients = Array.from({ length: 50 }, client)
for (let i = 0; i < restarts; i++) {
  const [name, port] = i % 2 === 0 ? (['one', ONE] as const) : (['two', TWO] as const)
  instances[name].kill('SIGTERM')
  await once(instances[name], 'exit')
  instances[name] = await start(port)
  await up(name)
}
rolled.abort()
await Promise.all(clients)
const failed = [...failures.values()].reduce((sum, count) => sum + count, 0)
console.log(JSON.stringify({ restarts, sent, failed, how: Object.fromEntries(failures) }))
agent.destroy()
for (const child of [proxy, ...Object.values(instances)]) child.kill('SIGKILL')
rmSync(folder, { recursive: true })
process.exitCode = failed === 0 ? 0 : 1
