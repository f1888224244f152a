// Run in a work copy, once: node place.mjs <project>. Puts a module in the place of the one by which a project
// starts its server. It gives what that one gives, which goes on under another name, unless a preload
// (hooks/fetch.ts) has left something in its place. Both sides of a suite run the same copy.
import { renameSync, writeFileSync } from 'node:fs'

const PROJECTS = {
  'node-server': [
    ['src/server', '.ts', ['createAdaptorServer', 'serve']],
    ['src/listener', '.ts', ['getRequestListener']],
  ],
  srvx: [['src/adapters/node', '.ts', ['serve']]],
}

const [project] = process.argv.slice(2)
for (const [path, extension, names] of PROJECTS[project]) {
  const own = `${path}.own${extension}`
  renameSync(`${path}${extension}`, own)
  const from = JSON.stringify(`./${own.split('/').at(-1)}`)
  writeFileSync(
    `${path}${extension}`,
    `// @ts-nocheck
import * as own from ${from}
export * from ${from}
const made = globalThis[Symbol.for('fasthttp.suites.fetch')]?.[${JSON.stringify(project)}](own) ?? own
${names.map((name) => `export const ${name} = made.${name} ?? own.${name}`).join('\n')}
`,
  )
}
