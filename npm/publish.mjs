// node npm/publish.mjs [--provenance]
// Publishes the packages of the platforms, then the one that finds them. What the registry has in this
// version is passed over, so that a run that broke off is finished by another one. Nothing is published
// before all of it can be.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { faultOfPackage } from './platform.mjs'
import { sourcesHash } from './stamp.mjs'
import { fail, manifest, root, run, targets } from './targets.mjs'

const THERE = 'is there already'

function npm(...args) {
  const { status, stdout, stderr, error } = spawnSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (error) fail(`npm: ${error.message}`)
  return { isWell: status === 0, stdout, said: `${stdout}${stderr}` }
}

const registry = npm('config', 'get', 'registry').stdout.trim().replace(/\/?$/, '/')

/** Whether the registry has a package in this version. */
async function isPublished(name) {
  const answer = await fetch(new URL(name, registry)).catch((error) => error)
  if (answer.status === 404) return false
  if (answer.status !== 200)
    return fail(`cannot tell whether ${name} is published: ${answer.status ?? answer.cause}`)
  return Object.hasOwn((await answer.json()).versions, manifest.version)
}

/** Publishes a folder; gives what became of it. */
function publish(name, folder) {
  const flags = process.argv.includes('--provenance') ? ['--provenance'] : []
  const { isWell, said } = npm('publish', folder, '--access', 'public', ...flags)
  if (isWell) return 'published'
  // A registry may have taken it without having said so, and not show it yet.
  if (/EPUBLISHCONFLICT|cannot publish over/i.test(said)) return THERE
  return fail(`${name} is not published, run this again for the rest:\n${said}`)
}

run(process.execPath, [join(root, 'npm', 'prepack.mjs')], { npm_command: 'publish' })
const sources = sourcesHash()
for (const target of targets) {
  const fault = faultOfPackage(target, sources)
  if (fault !== undefined) fail(`${fault}: run npm run prebuildify -- --all --built`)
}
const platforms = targets.map(({ name }) => [`${manifest.name}-${name}`, `./npm/${name}`])
const all = [...platforms, [manifest.name, '.']]
const known = await Promise.all(all.map(([name]) => isPublished(name)))
for (const [i, [name, folder]] of all.entries())
  console.log(`${name}@${manifest.version}: ${known[i] ? THERE : publish(name, folder)}`)
