import test from 'ava'
import { spawnSync } from 'node:child_process'
import { start } from '../support/program.ts'

const run = spawnSync('haproxy', ['-v']).status === 0 ? test : test.skip

run('rolling restarts behind HAProxy lose no request', async (t) => {
  const rolling = start(t, 'examples/haproxy/rolling', { args: ['2', '2000'] })
  const { code, stdout, stderr } = await rolling.ended(120_000)
  const { restarts, sent, failed, how } = JSON.parse(stdout) as Record<string, number>
  t.deepEqual({ restarts, failed, how }, { restarts: 2, failed: 0, how: {} as never }, stderr)
  t.true((sent as number) >= 2000)
  t.is(code, 0)
})
