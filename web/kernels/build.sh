#!/usr/bin/env bash
# C -> kernels.wasm, or the file that is named: the same bytes with the same clang.
set -euo pipefail
out=$(realpath -m "${1:-$(dirname "$0")/kernels.wasm}")
cd "$(dirname "$0")"
objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT
for source in *.c; do
    clang --target=wasm32 -Oz -msimd128 -mbulk-memory -ffreestanding -std=c11 \
        -Wall -Wextra -Werror -c "$source" -o "$objects/$source.o"
done
wasm-ld --no-entry --import-memory --strip-all -z stack-size=16384 "$objects"/*.o -o "$out"
