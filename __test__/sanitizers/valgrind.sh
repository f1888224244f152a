#!/usr/bin/env bash
# Valgrind's memcheck over cargo's tests of http/, net/ and bridge/ (those that are quick, for it slows
# them down 50 times and more) and over Node with the addon serving 2,000 requests.
# Needs a build (`npm run build`) and valgrind. The last line is {"tool": "valgrind", "findings": n}:
# errors and definite leaks whose stack leads through our code; V8's own are not counted.
set -uo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Tables in every order and cut, and millions of rounds.
TOO_LONG=(gives_the_same simulation mutation differential faults:: exhausted scans_ reads_addresses
  takes_the_outcome_of_every_case handshake crossing::tests::threads ring::tests::gives_back
  around_the_chunk)
check=(valgrind --leak-check=full --show-leak-kinds=definite --num-callers=60 --fair-sched=yes
  --suppressions=__test__/sanitizers/valgrind.supp)

cargo test --lib --no-run --message-format=json >"$folder/build" || exit 2
tests=$(sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' "$folder/build" | tail -n 1)
"${check[@]}" --log-file="$folder/tests.log" --trace-children=no "$tests" --test-threads=1 \
  "${TOO_LONG[@]/#/--skip=}" >"$folder/tests.out" || { tail -n 40 "$folder/tests.out" >&2; exit 2; }
sed -n 's/^test result: /tests: /p' "$folder/tests.out"
"${check[@]}" --log-file="$folder/node.log" node dist/__test__/programs/smoke.js || exit 2

# One paragraph for each error, behind "==pid== ". What a test has leaked itself lives as long as the
# test on purpose; what it made our code leak does not count as that.
ours=$(sed 's/^==[0-9]*== \?//' "$folder/tests.log" "$folder/node.log" |
  awk -v RS= -v ORS='\n\n' '
    !/fasthttp/ || !/   (at|by) 0x/ || /^Command:/ { next }
    / definitely lost / {
      match($0, /fasthttp::[^\n]*/)
      if (substr($0, RSTART, RLENGTH) ~ /::tests::/) next
    }
    { print }')
findings=$(grep -cE '^   at 0x' <<<"$ours")
[ "$findings" = 0 ] || echo "$ours" >&2
grep -h 'ERROR SUMMARY' "$folder"/*.log
echo "{\"tool\": \"valgrind\", \"findings\": $findings}"
[ "$findings" = 0 ]
