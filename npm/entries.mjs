// npm run entries [-- --check]
// Writes ts/**/index.mts, the entry for `import` of each subpath of package.json: every value of the one
// implementation by its name, which is CommonJS and what `require` gives. Needs `npm run build`. With
// --check nothing is written: it fails if an entry is not what it would be.
import { createRequire } from 'node:module'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { format } from 'prettier'
import { fail, manifest, root } from './targets.mjs'

const require = createRequire(import.meta.url)
const required = join(root, 'ts', 'crossing', 'required.ts')
const wrong = []
// What is imported whole in the place of another module, as `import http from` is.
const WHOLE = new Set(['./node'])
for (const [subpath, { import: entry, default: compiled }] of Object.entries(manifest.exports)) {
  if (entry === undefined) continue
  const path = join(root, entry.replace('./dist/', '').replace(/\.mjs$/, '.mts'))
  const names = Object.keys(require(join(root, compiled)))
  const probe = relative(dirname(path), required).split(sep).join('/')
  const text = await format(
    `// Written by \`npm run entries\`.
import '${probe.startsWith('.') ? probe : `./${probe}`}'

export type * from './index.ts'
export { ${(WHOLE.has(subpath) ? [...names, 'default'] : names).toSorted().join(', ')} } from './index.ts'
`,
    { ...manifest.prettier, parser: 'typescript' },
  )
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
  wrong.push(relative(root, path))
  if (!process.argv.includes('--check')) writeFileSync(path, text)
}
if (process.argv.includes('--check') && wrong.length > 0)
  fail(`${wrong.join(', ')}: not the names of index.ts; run npm run entries`)
