#!/usr/bin/env bash
# ThreadSanitizer over cargo's tests of what threads share: the crossing and its rings
# (bridge/), and event loops that deal connections out to each other (net/). The handshake alone is
# left to its models (bridge/handshake/tests), which know every order and not only those that happened.
# Needs Linux, rustup's stable toolchain, whose runtime of the sanitizer is linked (gcc 12's crashes
# before main), and the sources of the standard library, which is built instrumented: rustup's rust-src,
# or Debian's cargo-web and rust-web-src, which bring no runtime of their own.
# The last line is {"tool": "tsan", "findings": n}: races that were reported.
set -uo pipefail
cd "$(dirname "$0")/../.."
TESTS=(bridge::crossing bridge::ring bridge::batch net::event_loop net::accept)

cargo=cargo rustc=rustc
if [ ! -e "$(rustc --print sysroot)/lib/rustlib/src/rust/library" ]; then
  cargo=/usr/bin/cargo rustc=/usr/bin/rustc
  [ -e "$($rustc --print sysroot)/lib/rustlib/src/rust/library" ] || {
    echo "no sources of the standard library: rust-src or rust-web-src" >&2
    exit 2
  }
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

host=$($rustc -vV | sed -n 's/^host: //p')
runtime=$(ls "$(rustup run stable rustc --print sysroot)/lib/rustlib/$host/lib/"librustc*_rt.tsan.a) || exit 2
# `-ltsan` stands for that runtime. What is left unresolved are tmpnam and its like, which nobody calls.
cat >"$folder/cc" <<LINKER
#!/bin/bash
args=()
for arg in "\$@"; do
  case \$arg in
    -ltsan) args+=(-Wl,--unresolved-symbols=ignore-all -Wl,--whole-archive "$runtime"
      -Wl,--no-whole-archive -lpthread -lrt -lm -ldl -lresolv -l:libc_nonshared.a) ;;
    *) args+=("\$arg") ;;
  esac
done
exec "$(command -v cc)" "\${args[@]}"
LINKER
chmod +x "$folder/cc"
PATH=$folder:$PATH RUSTC_BOOTSTRAP=1 RUSTC=$rustc \
  RUSTFLAGS="-Zsanitizer=thread -Zexternal-clangrt -Clink-arg=-ltsan" \
  TSAN_OPTIONS="log_path=$folder/report,halt_on_error=0" \
  "$cargo" test --lib -Zbuild-std --target "$host" \
  --target-dir target/tsan -- --test-threads=1 "${TESTS[@]}" >"$folder/tests"
code=$?
grep '^test result' "$folder/tests" || { tail -n 40 "$folder/tests" >&2; exit 2; }
cat "$folder"/report.* >&2 2>/dev/null
findings=$(cat "$folder"/report.* 2>/dev/null | grep -c '^WARNING: ThreadSanitizer')
# A process that found something exits with 66, though its tests pass.
echo "{\"tool\": \"tsan\", \"findings\": $findings}"
[ "$findings" = 0 ] && [ "$code" = 0 ]
