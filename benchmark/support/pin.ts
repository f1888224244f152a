import { spawnSync } from 'node:child_process'

/** Moves this process, whose checks and single requests are a client's work, off the server's core. Throws `Error` if it cannot. */
export function pinTo(core: string): void {
  const pinned = spawnSync('taskset', ['-a', '-c', '-p', core, String(process.pid)], {
    encoding: 'utf8',
  })
  if (pinned.error) throw new Error('taskset is missing: apt-get install util-linux')
  if (pinned.status !== 0) throw new Error(`${pinned.stderr.trim()}: choose other --cores`)
}
