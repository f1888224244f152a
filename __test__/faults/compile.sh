#!/usr/bin/env bash
# Compiles the fault shim to the file that is named, for LD_PRELOAD.
set -euo pipefail
exec gcc -std=c11 -O2 -Wall -Wextra -Werror -shared -fPIC -o "$1" "$(dirname "$0")/shim.c" -ldl
