#!/usr/bin/env sh
# npm run test:quick: what tells in a minute behind the build whether a change is worth the whole tests:
# cargo's without fuzzing, the wire table whole, and one spec of each kind.
set -eu
cd "$(dirname "$0")/.."
npm run build
FASTHTTP_FUZZ_SECONDS=0 cargo test
specs=''
for name in wire/conformance wire/timeout request/upload response/response response/stream response/raw \
  files/serve-files connections/takeover connections/upgrade router/cases server/handler server/closing \
  server/uncaught server/listen server/options house/types house/package asynchttpserver/cases v/frame; do
  specs="$specs dist/__test__/$name.spec.js"
done
# One word for each file.
# shellcheck disable=SC2086
npx ava $specs
