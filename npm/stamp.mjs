// What a prebuilt binary was built from: its stamp, a file beside it. Times of files tell nothing, a
// clone and a download set them anew.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { manifest, root } from './targets.mjs'

/** What the binary is made of. */
const SOURCES = ['native', 'build.rs', 'Cargo.toml', 'Cargo.lock']

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')

function filesOf(path) {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .toSorted()
    .flatMap((name) => filesOf(join(path, name)))
}

/** A hash of the sources; the same on each system, however its git ends lines. */
export function sourcesHash() {
  const hash = createHash('sha256')
  for (const path of SOURCES.flatMap((name) => filesOf(join(root, name)))) {
    const text = readFileSync(path, 'latin1').replaceAll('\r\n', '\n')
    hash.update(`${relative(root, path).split(sep).join('/')}\n${text.length}\n`)
    hash.update(text, 'latin1')
  }
  return hash.digest('hex')
}

const stampOf = ({ prebuild }) => `${prebuild}.json`

/** Writes down that the binary of a target was built from sources with this hash. */
export function stamp(target, sources) {
  const { version } = manifest
  const binary = sha256(readFileSync(target.prebuild))
  writeFileSync(stampOf(target), `${JSON.stringify({ version, sources, binary })}\n`)
}

/** What the stamp of a target says; `undefined` if it is none. */
function toldBy(target) {
  try {
    return JSON.parse(readFileSync(stampOf(target), 'utf8')) ?? undefined
  } catch {
    return undefined
  }
}

/** What is wrong with the prebuilt binary of a target; `undefined` if it is what these sources make. */
export function faultOf(target, sources) {
  const path = relative(root, target.prebuild).split(sep).join('/')
  if (!existsSync(target.prebuild)) return `${path} is missing`
  if (!existsSync(stampOf(target))) return `${path} has no stamp that says what it was built from`
  const told = toldBy(target)
  if (told === undefined) return `${path} has a stamp that cannot be read`
  if (told.binary !== sha256(readFileSync(target.prebuild)))
    return `${path} is not the binary that its stamp is about`
  if (told.version !== manifest.version)
    return `${path} is of version ${told.version}, not ${manifest.version}`
  if (told.sources !== sources) return `${path} was built from other sources than these`
  return undefined
}
