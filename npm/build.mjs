// npm run build:native: builds npm/local/fasthttp.<platform>.node for this machine.
import { join } from 'node:path'
import { flags, needCargo, root, run } from './targets.mjs'

const napi = join(root, 'node_modules', '.bin', 'napi')
const args = ['--release', '--platform', '--no-js', '--output-dir', 'npm/local']
needCargo()
// What musl needs napi adds by itself.
run(napi, ['build', ...args], flags({}))
