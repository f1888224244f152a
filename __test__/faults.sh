#!/usr/bin/env bash
# The conformance table and the sequences over TCP, with faults in 5 % of the system calls of the I/O
# threads (faults/shim.c). Needs a build (`npm run build`), Linux and gcc.
#   __test__/faults.sh [seed...]
# The last line is {"cases": n, "differing": n}: cases of the table and sequences that were run, and
# those whose outcome is not the one without faults; before it, how many faults there were.
set -uo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
__test__/faults/compile.sh "$folder/shim.so" || exit 2

for seed in "${@:-1}"; do
  FAULTS_MODE=soft FAULTS_SEED=$seed FAULTS_LOG=$folder/log LD_PRELOAD=$folder/shim.so \
    node node_modules/ava/entrypoints/cli.mjs --tap \
    dist/__test__/wire/conformance.spec.js dist/__test__/wire/sequences.spec.js >>"$folder/tap"
done

grep -A 20 '^not ok' "$folder/tap" >&2
# Calls are noted by the hundred, each fault by itself.
awk '$1 == "calls" { calls += $2; next } { faults++; kinds[$1 " " $2]++ }
  END {
    for (kind in kinds) printf "%7d %s\n", kinds[kind], kind
    printf "%7d faults in %d calls\n", faults, calls
    exit faults == 0
  }' "$folder/log" || exit 2
# A run without its score was broken off: then everything differs.
awk -v runs=$# '
  /^# +in all: / { right += $4; cases += $6; scores++ }
  /^ok / && !/every .* as the table says|the score/ { right++; cases++ }
  /^not ok / && !/every .* as the table says|the score/ { cases++ }
  /^not ok / { failed++ }
  END {
    runs = runs == 0 ? 1 : runs
    differing = scores == runs ? cases - right : cases > 0 ? cases : 1
    differing = differing > failed ? differing : failed
    printf "{\"cases\": %d, \"differing\": %d}\n", cases, differing
    exit differing > 0
  }' "$folder/tap"
