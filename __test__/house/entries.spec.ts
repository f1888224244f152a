import test from 'ava'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { root } from '../support/root.ts'

const run = promisify(execFile)
// What the package's own name means here is what it means where it is installed.
const require = createRequire(import.meta.url)

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, unknown>
}
const names = Object.keys(exports)
  // What is loaded for its effect has no names.
  .filter((subpath) => !['./package.json', './register', './fetch/global'].includes(subpath))
  .map((subpath) => subpath.replace(/^\./, 'fasthttp'))

test('there are subpaths to look at', (t) => {
  t.true(names.includes('fasthttp') && names.includes('fasthttp/asynchttpserver'))
})

for (const name of names) {
  test(`import and require of ${name} give the same values, and each all of them`, async (t) => {
    const required = require(name) as Record<string, unknown>
    const imported = (await import(name)) as Record<string, unknown>
    t.true(Object.keys(required).length >= 3)
    // Where all of it is imported as one, as `import http from` does, that is what `require` gives.
    const { default: whole = required, ...named } = imported
    t.is(whole, required)
    t.deepEqual(Object.keys(named).toSorted(), Object.keys(required).toSorted())
    for (const [key, value] of Object.entries(required)) t.is(imported[key], value, key)
  })

  test(`a worker thread has ${name} by import and by require`, async (t) => {
    const code = `
      const { parentPort } = require('node:worker_threads')
      const required = require(${JSON.stringify(name)})
      import(${JSON.stringify(name)}).then((imported) =>
        parentPort.postMessage(Object.keys(required).every((key) => required[key] === imported[key])))`
    // Evaluated code looks from the working directory, which is the package's.
    const worker = new Worker(code, { eval: true })
    const said = await new Promise<unknown>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject)
    })
    t.is(said, true)
    await worker.terminate()
  })
}

test('the entries for import have been written from what there is to export', async (t) => {
  await t.notThrowsAsync(run(process.execPath, [join(root, 'npm', 'entries.mjs'), '--check']))
})
