#!/usr/bin/env sh
# npm run test:shared: what is about the wire, and the front doors, once more with servers that have no I/O threads
# and run on the thread of JavaScript (support/shared-thread.ts). --part: what `npm test` runs of that, in about
# a minute. Needs a build.
set -eu
cd "$(dirname "$0")/.."
specs=''
if [ "${1:-}" = --part ]; then
  for name in wire/conformance wire/sequences wire/timeout wire/faults response/stream response/response \
    files/serve-files connections/takeover connections/upgrade server/closing server/drain; do
    specs="$specs dist/__test__/$name.spec.js"
  done
else
  for name in wire request response files connections server crossing router/requests.spec.js node fetch \
    asynchttpserver v; do
    specs="$specs dist/__test__/$name"
  done
fi
# One word for each path.
# shellcheck disable=SC2086
FASTHTTP_TEST_IO_THREADS=0 exec npx ava $specs
