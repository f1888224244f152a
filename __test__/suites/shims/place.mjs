// Run in a work copy, once: node place.mjs <project>. Puts a module in the place of the one by which a project
// starts its server. It gives what that one gives, which goes on under another name, unless a preload
// (hooks/fetch.ts) has left something in its place. Both sides of a suite run the same copy.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'

// The last of each: what hooks/fetch.ts needs of another module.
const PROJECTS = {
  'node-server': [
    ['src/server', '.ts', ['createAdaptorServer', 'serve'], ['./request', 'getAbortController']],
    ['src/listener', '.ts', ['getRequestListener']],
  ],
  srvx: [['src/adapters/node', '.ts', ['serve']]],
  hono: [
    [
      'node_modules/@hono/node-server/dist/index',
      '.mjs',
      ['createAdaptorServer', 'serve', 'getRequestListener'],
    ],
  ],
  h3: [['src/_entries/node', '.ts', ['toNodeHandler']]],
}

const MAKE = "globalThis[Symbol.for('fasthttp.suites.fetch')]?."

const [project] = process.argv.slice(2)
for (const [path, extension, names, needed] of PROJECTS[project]) {
  const own = `${path}.own${extension}`
  renameSync(`${path}${extension}`, own)
  const from = JSON.stringify(`./${own.split('/').at(-1)}`)
  const [place, more] = needed ?? []
  const also = more === undefined ? '' : `import { ${more} } from ${JSON.stringify(place)}\n`
  const given = more === undefined ? 'own' : `{ ...own, ${more} }`
  writeFileSync(
    `${path}${extension}`,
    `// @ts-nocheck
import * as own from ${from}
${also}export * from ${from}
const make = ${MAKE}[${JSON.stringify(project)}]
const made = make?.(${given}) ?? own
${names.map((name) => `export const ${name} = made.${name} ?? own.${name}`).join('\n')}
`,
  )
}

// Its tests make a server of node themselves.
if (project === 'h3') {
  const setup = readFileSync('test/_setup.ts', 'utf8')
  const placed = setup.replace('from "node:http"', 'from "./_server.ts"')
  if (placed === setup) throw new Error('test/_setup.ts imports node:http in other words')
  writeFileSync('test/_setup.ts', placed)
  const server = `${MAKE}h3?.().Server ?? http.Server`
  writeFileSync(
    'test/_server.ts',
    `import http from "node:http"\nexport const Server = ${server}\n`,
  )
}
