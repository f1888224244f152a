#!/usr/bin/env bash
# Lines of native/http/ and native/net/ that their own tests (`cargo test http:: net::`) reach; the
# lines of tests are not counted. Prints each file with its lines that are not reached; the last line
# is {"http": percent, "net": percent}.
# Takes cargo-tarpaulin from PATH or builds it into target/tools.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/target/tools/bin:$PATH"
command -v cargo-tarpaulin >/dev/null || cargo install --locked --root target/tools cargo-tarpaulin
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cargo tarpaulin --engine llvm --lib --skip-clean --target-dir target/coverage --timeout 600 \
  --include-files 'native/http/*' 'native/net/*' --exclude-files '*/tests/*' '*/tests.rs' \
  --out Json --output-dir "$folder" -- http:: net:: >"$folder/log" 2>&1 ||
  { tail -n 40 "$folder/log" >&2; exit 2; }

node - "$folder/tarpaulin-report.json" <<'SCRIPT'
const { readFileSync } = require('node:fs')
const sums = { http: [0, 0], net: [0, 0] }
const { files } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
for (const { path, traces } of files) {
  const name = path.slice(path.lastIndexOf('native')).join('/')
  const layer = name.split('/')[1]
  const missed = traces.filter(({ stats }) => stats.Line === 0).map(({ line }) => line)
  sums[layer][0] += traces.length - missed.length
  sums[layer][1] += traces.length
  const share = ((100 * (traces.length - missed.length)) / (traces.length || 1)).toFixed(1)
  console.log(`${share.padStart(6)} % of ${traces.length} ${name} ${missed.join(' ')}`)
}
const percent = ([reached, all]) => Math.floor((10000 * reached) / all) / 100
console.log(JSON.stringify({ http: percent(sums.http), net: percent(sums.net) }))
SCRIPT
