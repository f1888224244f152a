// npm runs this before it packs or publishes the package of a platform, in its folder: git has no binaries,
// and without this a package of two files would be published for a good one.
import { basename } from 'node:path'
import { faultOfPackage } from './platform.mjs'
import { sourcesHash } from './stamp.mjs'
import { fail, find } from './targets.mjs'

const target = find(basename(process.cwd()))
const fault = faultOfPackage(target, sourcesHash())
if (fault !== undefined) fail(`${fault}: run npm run prebuildify -- --target ${target.name}`)
