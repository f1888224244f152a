import type { Case, Column, Sample, Settings } from './case.ts'
import { cpuBetween, readCpu } from '../support/cpu.ts'
import { contentOf, FILES } from '../support/files.ts'
import type { RunningServer } from '../support/server.ts'
import { runWrk } from '../support/wrk.ts'

const columns: readonly Column[] = [
  { key: 'rate', title: 'MiB/s', digits: 0, compared: 'MiB/s' },
  { key: 'requests', title: 'req/s', digits: 0 },
  { key: 'p50', title: 'p50 us', digits: 0 },
  { key: 'p99', title: 'p99 us', digits: 0 },
  { key: 'cpu', title: 'CPU us/MiB', digits: 1, compared: 'CPU' },
  { key: 'user', title: '= user', digits: 1 },
  { key: 'system', title: '+ system', digits: 1 },
  { key: 'js', title: 'js thread', digits: 1 },
  { key: 'io', title: 'I/O threads', digits: 1 },
  { key: 'other', title: 'others', digits: 1 },
  { key: 'busy', title: 'busy %', digits: 0 },
]

/** Makes a case of bytes per second and processor time per MiB of a file. */
export function downloadCase(name: string, path: string, connections: number): Case {
  const size = FILES[path] ?? 0
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost:8080\r\n\r\n`)
  return {
    name,
    title: `${connections} connections, a file of ${size >> 10} KiB`,
    request,
    body: contentOf(size),
    columns,
    files: true,
    measure: (server, settings) => measure(server, settings, request, connections, size),
  }
}

async function measure(
  server: RunningServer,
  settings: Settings,
  request: Buffer,
  connections: number,
  size: number,
): Promise<Sample> {
  const load = { port: server.port, core: settings.clientCore, connections, request, depth: 1 }
  await runWrk({ ...load, seconds: 1 })
  const before = readCpu(server.pid)
  const result = await runWrk({ ...load, seconds: settings.seconds })
  const cpu = cpuBetween(before, readCpu(server.pid))
  if (result.requests === 0) throw new Error('wrk got no answer')
  const mebibytes = (result.requests * size) / 2 ** 20
  const each = (microseconds: number): number => microseconds / mebibytes
  return {
    rate: (mebibytes * 1e6) / result.duration,
    requests: (result.requests * 1e6) / result.duration,
    p50: result.p50,
    p99: result.p99,
    cpu: each(cpu.total),
    user: each(cpu.user),
    system: each(cpu.system),
    ...(server.rival.javascript && { js: each(cpu.js), io: each(cpu.io), other: each(cpu.other) }),
    busy: (100 * cpu.total) / result.duration,
    errors: result.refused + result.failed,
  }
}
