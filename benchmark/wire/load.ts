import type { Case, Column, Sample, Settings } from './case.ts'
import { cpuBetween, readCpu } from '../support/cpu.ts'
import type { RunningServer } from '../support/server.ts'
import { runWrk } from '../support/wrk.ts'

/** A case that is measured under the load of wrk. */
export interface LoadCase extends Omit<Case, 'columns' | 'measure'> {
  readonly connections: number
}

const columns: readonly Column[] = [
  { key: 'rate', title: 'req/s', digits: 0, compared: 'req/s' },
  { key: 'p50', title: 'p50 us', digits: 0, compared: 'p50' },
  { key: 'p99', title: 'p99 us', digits: 0 },
  { key: 'cpu', title: 'CPU us', digits: 2, compared: 'CPU' },
  { key: 'user', title: '= user', digits: 2 },
  { key: 'system', title: '+ system', digits: 2 },
  { key: 'js', title: 'js thread', digits: 2 },
  { key: 'jsUser', title: 'its user', digits: 2 },
  { key: 'io', title: 'I/O threads', digits: 2 },
  { key: 'other', title: 'others', digits: 2 },
  { key: 'busy', title: 'busy %', digits: 0 },
]

/** Makes a case of requests per second, latency and processor time per request. */
export function loadCase({ connections, ...rest }: LoadCase): Case {
  return {
    ...rest,
    columns,
    measure: (server, settings) =>
      measure(server, settings, rest.request, connections, rest.depth ?? 1),
  }
}

async function measure(
  server: RunningServer,
  settings: Settings,
  request: Buffer,
  connections: number,
  depth: number,
): Promise<Sample> {
  const load = { port: server.port, core: settings.clientCore, connections, request, depth }
  await runWrk({ ...load, seconds: 1 })
  const before = readCpu(server.pid)
  const result = await runWrk({ ...load, seconds: settings.seconds })
  const cpu = cpuBetween(before, readCpu(server.pid))
  if (result.requests === 0) throw new Error('wrk got no answer')
  if (result.refused + result.failed > 0) {
    console.error(`  ${server.rival.name}: ${result.refused} refused, ${result.failed} failed`)
  }
  const each = (microseconds: number): number => microseconds / result.requests
  return {
    rate: (result.requests * 1e6) / result.duration,
    p50: result.p50,
    p99: result.p99,
    cpu: each(cpu.total),
    user: each(cpu.user),
    system: each(cpu.system),
    ...(server.rival.javascript && {
      js: each(cpu.js),
      jsUser: each(cpu.jsUser),
      io: each(cpu.io),
      other: each(cpu.other),
    }),
    busy: (100 * cpu.total) / result.duration,
    errors: result.refused + result.failed,
  }
}
