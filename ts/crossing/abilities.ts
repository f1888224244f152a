import { coded } from '../errors.ts'

/** What some platforms lack, by the names that the addon gives it, and how it is said. */
const SHOWN = {
  unixSockets: 'listen on a path',
  abstractSockets: 'listen on an abstract path',
  reusePort: 'listen with reusePort',
  takeover: 'take a connection over',
  inherited: 'listen on a descriptor',
  sharedThread: 'serve without threads (ioThreads: 0)',
}

/** Something that not every platform can do. */
export type Ability = keyof typeof SHOWN

/** Throws `ERR_UNSUPPORTED` for what the platform lacks; `lacking` as the addon says it. */
export function requireAbility(ability: Ability, lacking: readonly string[]): void {
  if (!lacking.includes(ability)) return
  throw unsupported(process.platform, ability)
}

/** Runtimes that have an event loop of their own although they say that they are Node. */
const OTHERS = { bun: 'Bun', deno: 'Deno', electron: 'Electron' }

/**
 * Throws `ERR_UNSUPPORTED` where no server can run on the thread of JavaScript. `hasLibuv` is only called
 * if the runtime, by its versions, is Node.
 */
export function requireSharedThread(
  versions: Readonly<Record<string, string | undefined>>,
  lacking: readonly string[],
  hasLibuv: () => boolean,
): void {
  for (const [name, shown] of Object.entries(OTHERS))
    if (versions[name] !== undefined) throw unsupported(shown, 'sharedThread')
  requireAbility('sharedThread', lacking)
  if (!hasLibuv()) throw unsupported('this build of Node', 'sharedThread')
}

function unsupported(what: string, ability: Ability): Error {
  return coded('ERR_UNSUPPORTED', new Error(`${what} cannot ${SHOWN[ability]}`))
}
