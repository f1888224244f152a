import { coded } from '../errors.ts'

/** What some platforms lack, by the names that the addon gives it, and how it is said. */
const SHOWN = {
  unixSockets: 'listen on a path',
  abstractSockets: 'listen on an abstract path',
  reusePort: 'listen with reusePort',
  takeover: 'take a connection over',
}

/** Something that not every platform can do. */
export type Ability = keyof typeof SHOWN

/** Throws `ERR_UNSUPPORTED` for what the platform lacks; `lacking` as the addon says it. */
export function requireAbility(ability: Ability, lacking: readonly string[]): void {
  if (!lacking.includes(ability)) return
  throw coded('ERR_UNSUPPORTED', new Error(`${process.platform} cannot ${SHOWN[ability]}`))
}
