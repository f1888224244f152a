#!/usr/bin/env sh
# npm run test:quick: what tells in a minute behind the build whether a change is worth the whole tests:
# cargo's without fuzzing, the wire table whole, and one spec of each kind.
set -eu
cd "$(dirname "$0")/.."
npm run build
FASTHTTP_FUZZ_SECONDS=0 cargo test
specs=''
for name in conformance handler response router-cases serve-files stream upload takeover upgrade raw \
  closing timeout uncaught listen options types package asynchttpserver-cases v-frame; do
  specs="$specs dist/__test__/$name.spec.js"
done
# One word for each file.
# shellcheck disable=SC2086
npx ava $specs
