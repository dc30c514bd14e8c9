#!/usr/bin/env bash
# Looks for accesses outside of memory, and for memory that is read before it is written, in the only place with `unsafe`: runs the
# tests of linear algebra with valgrind, and compiled with the address sanitizer. What is missing is skipped, with the reason.
#
# Valgrind (`valgrind` on Debian) knows no AVX-512: it shows the program a processor whose widest path is AVX2. The sanitizer comes with
# Rust, but the stable compiler takes it only with RUSTC_BOOTSTRAP=1, and everything is compiled once more, in a folder of its own.
# Both run the widest path that there is, and `portable`.
set -euo pipefail
cd "$(dirname "$0")/.."

# The binaries of these tests, compiled with these options.
build() {
    cargo test --release --no-run --no-default-features --message-format=json "$@" |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | grep -E '/(linalg|creditlab)-[0-9a-f]*$'
}

# Runs a command on a path.
on() {
    if [ "$1" = widest ]; then
        "${@:2}"
    else
        CREDITLAB_SIMD=$1 "${@:2}"
    fi
}

if command -v valgrind > /dev/null; then
    for binary in $(build --lib --test linalg); do
        for path in widest portable; do
            echo "-- valgrind, $path: $(basename "$binary")"
            # all products of small sizes would take too long; `product::tests` has such sizes at random
            on "$path" valgrind --quiet --error-exitcode=1 "$binary" --test-threads 1 linalg::product linalg::places \
                blocks_of_slices long_small crowded softmax sums_of_slices moderate
        done
    done
else
    echo "-- valgrind: skipped, it is not installed"
fi

host=$(rustc -vV | sed -n 's/^host: //p')
if [ "$host" != x86_64-unknown-linux-gnu ] && [ "$host" != aarch64-unknown-linux-gnu ]; then
    echo "-- address sanitizer: skipped, this script does not know it on $host"
    exit 0
fi
for binary in $(RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address \
    build --lib --test linalg --target "$host" --target-dir "${CARGO_TARGET_DIR:-target}/sanitized"); do
    for path in widest portable; do
        echo "-- address sanitizer, $path: $(basename "$binary")"
        on "$path" "$binary" linalg small long large crowded softmax slices moderate columns
    done
done
