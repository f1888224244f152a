#!/usr/bin/env bash
# The wire specs against an addon that is built with AddressSanitizer, leaks included.
#   __test__/sanitizers/asan.sh [spec...]      (names without .spec.ts; by default all of SPECS)
# Needs a build (`npm run build`), Linux on x64 or arm64, and gcc, whose libasan is preloaded into
# Node: rustc links no runtime into a library, and the one that it brings is only for programs.
# The last line is {"tool": "asan", "findings": n, "passed": n, "failed": n}: reports of the
# sanitizer, and the tests that were run under it.
set -uo pipefail
cd "$(dirname "$0")/../.."

# Not here: what compares sources and types, other Node versions, and the shim, which is preloaded too.
SPECS="request/address request/body request/frame request/intake request/request request/size
  response/append response/nonsense response/raw response/response response/sse response/stream response/validation
  files/file files/serve-files files/serve-files-ranges connections/by-hand connections/takeover connections/upgrade
  crossing/crossing crossing/layout crossing/memory router/changes router/native router/requests
  server/descriptors server/forms server/handler server/lifecycle server/listen server/options server/process
  wire/conformance wire/early wire/overload wire/sequences wire/timeout"

platform=$(node -p 'process.platform + "-" + process.arch')
target=$(rustc -vV | sed -n 's/^host: //p')
# With a target, build scripts and macros are not instrumented. `nightly` flags of a stable compiler:
# the standard library is the precompiled one, uninstrumented but for its allocations and copies.
RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address -Cforce-frame-pointers=yes" \
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
  CARGO_PROFILE_RELEASE_STRIP=none CARGO_PROFILE_RELEASE_DEBUG=1 \
  cargo build --release --lib --target "$target" --target-dir target/asan || exit 2

# A package of its own: the loader finds the addon beside dist/.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/npm/local"
cp -r dist package.json "$folder"
ln -s "$PWD/node_modules" "$PWD/__test__" "$folder"
cp "target/asan/$target/release/libfasthttp.so" "$folder/npm/local/fasthttp.$platform-gnu.node"
# napi-rs keeps a reference to each class as long as its environment lives, and Node frees none; and
# what it notes of each object is the kernel's to free where a handler calls process.exit.
printf 'leak:register_classes\nleak:CallbackInfo*construct\n' >"$folder/suppressions"

cd "$folder"
specs=()
for spec in ${*:-$SPECS}; do specs+=("dist/__test__/$spec.spec.js"); done
export ASAN_OPTIONS="log_path=$folder/report,detect_leaks=1,quarantine_size_mb=32"
# Leaks leave a process its exit code: Node has some of its own, and only ours are counted.
export LSAN_OPTIONS="exitcode=0,print_suppressions=0,suppressions=$folder/suppressions"
export FASTHTTP_CROSSINGS="${FASTHTTP_CROSSINGS:-20000}"
LD_PRELOAD=$(gcc -print-file-name=libasan.so) node node_modules/ava/entrypoints/cli.mjs --tap \
  --timeout 10m "${specs[@]}" >tap
grep -A 30 '^not ok' tap >&2

# An error of memory ends its process, so it is one a file. Of leaks those are ours that a Rust frame
# has allocated; V8 allocates beneath our calls, too, and LeakSanitizer does not look into its heap.
findings=0
for report in report.*; do
  [ -e "$report" ] || continue
  if grep -q '^==.*ERROR: AddressSanitizer' "$report"; then
    findings=$((findings + 1))
    cat "$report" >&2
  fi
  awk '
    function close_leak() { if (is_ours) { printf "%s\n", leak; count++ } leak = ""; is_ours = is_theirs = 0 }
    / leak of / { close_leak() }
    { leak = leak $0 "\n" }
    / (v8::|node::|Builtins_)/ && !is_ours { is_theirs = 1 }
    / in _R/ && !is_theirs { is_ours = 1 }
    /^SUMMARY/ { close_leak() }
    END { print count + 0 >"leaks" }' "$report" >&2
  findings=$((findings + $(cat leaks)))
done
passed=$(sed -n 's/^# pass //p' tap) failed=$(sed -n 's/^# fail //p' tap)
echo "{\"tool\": \"asan\", \"findings\": $findings, \"passed\": ${passed:-0}, \"failed\": ${failed:-1}}"
# A test that fails without a report has met a limit of time, or of memory.
[ "$findings" = 0 ] && [ "${passed:-0}" -gt 0 ]
