#!/usr/bin/env bash
# Miri over cargo's tests of what is written by hand about memory that threads share (bridge::ring,
# bridge::batch), and of what has no memory of its own (http, router). Needs rustup's nightly with the
# components miri and rust-src. Without them it says so and ends with 2, never with 0.
# The last line is {"tool": "miri", "findings": n}: tests that Miri stopped at undefined behaviour, or that
# failed.
set -uo pipefail
cd "$(dirname "$0")/../.."
TESTS=(bridge::ring bridge::batch http router)

cargo +nightly miri --version >/dev/null 2>&1 || {
  echo "not run: no nightly Miri (rustup toolchain install nightly --component miri,rust-src)"
  exit 2
}
# No time passes in Miri, and it runs a thousand times slower: seeded loops are short there.
export FASTHTTP_FUZZ_SECONDS=0 MIRIFLAGS="-Zmiri-disable-isolation ${MIRIFLAGS:-}"
findings=0
for model in "" "-Zmiri-tree-borrows"; do
  for name in "${TESTS[@]}"; do
    MIRIFLAGS="$MIRIFLAGS $model" cargo +nightly miri test --lib "$name::" -- --skip fuzz ||
      findings=$((findings + 1))
  done
done
echo "{\"tool\": \"miri\", \"findings\": $findings}"
exit $((findings > 0))
