import { spawnSync } from 'node:child_process'

import { run } from './command.ts'
import { atMost, exactly, type Figure, type Row, tell } from './row.ts'
import { eventually, type Target, withTarget } from './target.ts'
import { Watch } from './watch.ts'

const CONNECTIONS = 1000
const SECONDS = 60
/** What a good client waits at most, in milliseconds; the machine is shared with the attacker. */
const PATIENCE_MS = 1000

interface Mode {
  readonly what: string
  readonly path: string
  readonly flags: readonly string[]
  /** Which time-outs of the server end its connections; none: they are answered. */
  readonly phases: readonly string[]
}

const modes: readonly Mode[] = [
  { what: 'slow heads (-H)', path: '/', flags: ['-H', '-i', '2', '-x', '24'], phases: ['head'] },
  {
    what: 'slow bodies (-B)',
    path: '/echo',
    flags: ['-B', '-i', '2', '-s', '8192', '-x', '10'],
    phases: ['body'],
  },
  {
    what: 'ranges (-R)',
    path: '/page',
    flags: ['-R', '-t', 'HEAD', '-a', '10', '-b', '3000'],
    phases: [],
  },
  {
    what: 'slow reading (-X)',
    path: '/page',
    flags: ['-X', '-n', '5', '-z', '32', '-w', '512', '-y', '1024', '-k', '3'],
    phases: ['write', 'idle', 'firstByte'],
  },
]

/**
 * 1,000 connections of slowhttptest for at most a minute in each mode, 500 new ones a second, against default options.
 * Beside it a good client connects every 50 ms and must be served within a second. Those with slow
 * heads and bodies are all cut by their time-outs; an answer of 256 KiB that is read slowly fits into the
 * kernel, and those connections end with the attacker. Afterwards none is left.
 */
export const slowhttptest: Row = {
  name: 'slowhttptest',
  title: 'slowhttptest in its four modes',
  isAttack: true,
  async measure() {
    if (spawnSync('slowhttptest', ['-h']).error) {
      throw new Error('slowhttptest is missing: apt-get install slowhttptest')
    }
    const figures: Figure[] = []
    for (const mode of modes)
      figures.push(...(await withTarget({}, (target) => attack(target, mode))))
    return figures
  },
}

async function attack(target: Target, { what, path, flags, phases }: Mode): Promise<Figure[]> {
  const url = `http://127.0.0.1:${target.port}${path}`
  const size = ['-c', `${CONNECTIONS}`, '-r', '500', '-l', `${SECONDS}`, '-p', '3', '-v', '1']
  const watch = new Watch(target.port)
  const { stdout } = await run(['slowhttptest', ...flags, ...size, '-u', url], 5)
  const { answered, failed, worst } = await watch.end()
  const { timeouts } = await target.stats()
  const cut = phases.reduce((sum, phase) => sum + (timeouts[phase] ?? 0), 0)
  const gone = await eventually(async () => (await target.stats()).connections.open === 0, 40_000)
  tell(
    `${what}: ${answered} good clients served; time-outs ${JSON.stringify(timeouts)}; ` +
      `it says: ${lastWords(stdout)}`,
  )
  const figures = [
    exactly(`${what}: good clients that were not served`, failed, 0),
    atMost(`${what}: the longest that one waited`, worst, PATIENCE_MS, 'ms'),
    exactly(`${what}: connections left afterwards`, gone ? 0 : 1, 0),
  ]
  if (phases.includes('head') || phases.includes('body')) {
    figures.push(exactly(`${what}: connections cut by a time-out`, cut, CONNECTIONS))
  }
  return figures
}

/** Its own verdict, without colours. */
function lastWords(stdout: string): string {
  // eslint-disable-next-line no-control-regex
  const lines = stdout.replaceAll(/\x1b\[[0-9;]*m/g, '').split('\n')
  return lines
    .filter((line) => /service available|Exit status/.test(line))
    .slice(-2)
    .join('; ')
}
