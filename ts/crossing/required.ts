const ADVICE =
  'fasthttp was bundled into an ES module, which has no require. Leave it out of the bundle ' +
  '(esbuild: --external:fasthttp), or give the bundle a require (esbuild: --banner:js="import ' +
  "{ createRequire } from 'node:module'; const require = createRequire(import.meta.url)\")."

function probe(): boolean {
  try {
    return typeof require('node:module') === 'function'
  } catch (cause) {
    throw new Error(ADVICE, { cause })
  }
}

/**
 * What each entry for `import` begins with: a bundler that has put the package into an ES module without
 * a `require` is told of here, and not by the first module of Node's that happens to be asked for.
 */
export const isRequireThere: boolean = probe()
