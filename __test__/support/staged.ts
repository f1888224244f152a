import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from './root.ts'
import type { Scope } from './service.ts'

/** What a package is made from and with. */
const PARTS =
  'package.json tsconfig.json README.md CHANGELOG.md LICENSE build.rs Cargo.toml Cargo.lock native ts npm dist/ts'

/** Makes a file for each target in the place of its binary, with its stamp and its copy in npm/. */
const PREBUILD = `
  import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
  import { dirname } from 'node:path'
  const { sourcesHash, stamp } = await import('./npm/stamp.mjs')
  const { targets } = await import('./npm/targets.mjs')
  const sources = sourcesHash()
  for (const target of targets) {
    mkdirSync(dirname(target.prebuild), { recursive: true })
    writeFileSync(target.prebuild, 'a binary for ' + target.name)
    stamp(target, sources)
    copyFileSync(target.prebuild, 'npm/' + target.name + '/fasthttp.' + target.name + '.node')
  }`

/** A copy of the repository in which everything is there to be published; gone with the test. */
export function staged(t: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), 'fasthttp-staged-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const part of PARTS.split(' ')) {
    mkdirSync(dirname(join(folder, part)), { recursive: true })
    cpSync(join(root, part), join(folder, part), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const script = join(folder, 'prebuild.mjs')
  writeFileSync(script, PREBUILD)
  execFileSync(process.execPath, [script], { cwd: folder })
  rmSync(script)
  return folder
}
