import { coded, show } from '../errors.ts'

/** The first descriptor that systemd passes on (sd_listen_fds(3)). */
const FIRST = 3

/**
 * The descriptor of the socket that systemd has passed on under this name, or of the only one. Throws
 * `ERR_NO_SYSTEMD_SOCKET`, whose message says what is there.
 */
export function systemdSocket(
  name: string | true,
  env: NodeJS.ProcessEnv = process.env,
  pid: number = process.pid,
): number {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = env
  if (LISTEN_PID === undefined || LISTEN_FDS === undefined) {
    throw missing('systemd has passed no socket on: LISTEN_PID and LISTEN_FDS are not set')
  }
  if (LISTEN_PID !== String(pid)) {
    const message = `the sockets of systemd are for process ${show(LISTEN_PID)}, and this is ${pid}`
    throw missing(`${message}: have the unit start node itself, without npm or a shell between`)
  }
  const count = /^\d{1,4}$/.test(LISTEN_FDS) ? Number(LISTEN_FDS) : 0
  const names = LISTEN_FDNAMES === undefined ? [] : LISTEN_FDNAMES.split(':')
  const all = Array.from({ length: count }, (_, i) => names[i] ?? 'unknown')
  const found = all.flatMap((one, i) => (name === true || one === name ? [FIRST + i] : []))
  const [fd] = found
  if (fd !== undefined && found.length === 1) return fd
  const there = `there are ${count}: ${all.map(show).join(', ')}`
  if (name === true) throw missing(`listen({ systemd: true }) needs one socket, ${there}; name one`)
  throw missing(`systemd has passed ${found.length} sockets on under ${show(name)}, ${there}`)
}

function missing(message: string): Error {
  return coded('ERR_NO_SYSTEMD_SOCKET', new Error(message))
}
