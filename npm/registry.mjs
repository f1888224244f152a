// A registry on loopback (verdaccio): it holds nothing at first and asks no other one.
import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fail, root } from './targets.mjs'

/** verdaccio needs Node 22; `__test__/fetch-nodes.sh` gets one. */
function newNode() {
  const fetched = join(root, '__test__', '.nodes', 'node-24')
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath
  return existsSync(fetched)
    ? fetched
    : fail('verdaccio needs Node 22: run __test__/fetch-nodes.sh')
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Starts the registry, which keeps its files in a folder; gives its URL. */
export async function startRegistry(verdaccio, work) {
  const config = join(work, 'registry.yaml')
  const packages = { '**': { access: '$all', publish: '$anonymous', unpublish: '$all' } }
  const log = { type: 'stdout', level: 'warn' }
  writeFileSync(
    config,
    JSON.stringify({ storage: join(work, 'storage'), packages, log, uplinks: {} }),
  )
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  const args = [verdaccio, '--config', config, '--listen', `127.0.0.1:${port}`]
  const registry = spawn(newNode(), args, { stdio: ['ignore', 'inherit', 'inherit'] })
  process.on('exit', () => registry.kill())
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    if (registry.exitCode !== null) fail('the registry ended')
    const isUp = await fetch(`${url}-/ping`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isUp) return url
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return fail('the registry does not answer')
}
