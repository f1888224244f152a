// The packages of the platforms: what each has to hold before it is packed.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { faultOf } from './stamp.mjs'
import { manifest, root } from './targets.mjs'

const folderOf = ({ name }) => join(root, 'npm', name)

/** The place of the binary in the package of a target. */
export const copyOf = (target) => join(folderOf(target), `fasthttp.${target.name}.node`)

/** What is wrong with the package of a target, in one clause; `undefined` if it holds what these sources make. */
export function faultOfPackage(target, sources) {
  const fault = faultOf(target, sources)
  if (fault !== undefined) return fault
  const copy = copyOf(target)
  if (!existsSync(copy)) return `npm/${target.name} has no binary`
  if (!readFileSync(copy).equals(readFileSync(target.prebuild)))
    return `npm/${target.name} has not the binary of prebuilds/`
  const { version } = JSON.parse(readFileSync(join(folderOf(target), 'package.json'), 'utf8'))
  return version === manifest.version ? undefined : `npm/${target.name} is of version ${version}`
}

/** Has npm ask for the binary before it packs; @napi-rs/cli writes package.json anew, without scripts. */
export function guard(target) {
  const path = join(folderOf(target), 'package.json')
  const scripts = { prepack: 'node ../prepack-platform.mjs' }
  const text = JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), scripts }, null, 2)
  writeFileSync(path, `${text}\n`)
}
