import test from 'ava'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { folder } from '../support/folder.ts'
import { root } from '../support/root.ts'

interface Inspecting {
  inspect(target: object, path: string, hasSources: boolean): { readonly faults: string[] }
}

const { inspect } = (await import(
  pathToFileURL(join(root, 'npm', 'inspect.mjs')).href
)) as Inspecting

/** A DLL for x64 as far as that is looked at, of so many bytes. */
function dll(bytes: number): Buffer {
  const file = Buffer.alloc(bytes)
  file.write('MZ')
  file.writeUInt32LE(0x80, 0x3c)
  file.writeUInt16LE(0x8664, 0x84)
  return file
}

/** How large a binary is, whether the sources of the standard library are there, and what is said of it. */
const SIZES: [what: string, bytes: number, hasSources: boolean, faults: RegExp][] = [
  ['a small one', 1000, false, /^$/],
  ['a large one without sources', 1 << 20, false, /^has 1048576 bytes, allowed.*add rust-src/],
  ['a large one with sources', 1 << 20, true, /^has 1048576 bytes, allowed are 1048576$/],
]

for (const [what, bytes, hasSources, faults] of SIZES) {
  test(`a binary is inspected for its size: ${what}`, (t) => {
    const path = join(folder(t), 'fasthttp.node')
    writeFileSync(path, dll(bytes))
    const target = { name: 'win32-x64-msvc', platform: 'win32', arch: 'x64' }
    t.regex(inspect(target, path, hasSources).faults.join('\n'), faults)
  })
}
