#!/usr/bin/env bash
# Puts the binaries of other Node versions into __test__/.nodes/, for node-versions.spec.ts.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p .nodes
platform=$(node -p 'process.platform + "-" + process.arch')
for version in 22 24 26; do
  target=.nodes/node-$version
  [ -x "$target" ] && continue
  folder=$(mktemp -d)
  npm pack --silent --pack-destination "$folder" "node-$platform@$version" >/dev/null
  tar -xzf "$folder"/*.tgz -C "$folder" package/bin/node
  mv "$folder/package/bin/node" "$target"
  chmod +x "$target"
  rm -rf "$folder"
done
for node in .nodes/node-*; do echo "$node $("$node" --version)"; done
