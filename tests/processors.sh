#!/usr/bin/env bash
# Prints the digests of tests/bits/ side by side, for every path of this processor and for processors that QEMU emulates, and fails
# where one differs. What cannot run is skipped, with the reason. `--quickstart`: the whole quickstart too, which takes many times longer.
#
# On Debian 12, `qemu-user` emulates x86-64 with AVX2 and FMA (Haswell) and without (Westmere), and aarch64. To compile for aarch64
# `gcc-aarch64-linux-gnu` and a compiler with that target's standard library are needed: `rustup target add aarch64-unknown-linux-gnu`,
# or the packages `rustc-web` and `libstd-rust-web-dev:arm64`, unpacked somewhere or installed, and
#   AARCH64_RUSTC   that compiler (default: rustc)
#   AARCH64_LINKER  a linker for it (default: aarch64-linux-gnu-gcc)
#   AARCH64_ROOT    where the C library for it is (default: /usr/aarch64-linux-gnu)
set -euo pipefail
cd "$(dirname "$0")/.."

tests=(digests_are_those_of_the_table)
if [ "${1:-}" = --quickstart ]; then
    tests+=(the_quickstart_is_that_of_the_table)
fi
rustc=${AARCH64_RUSTC:-rustc}
linker=${AARCH64_LINKER:-aarch64-linux-gnu-gcc}
root=${AARCH64_ROOT:-/usr/aarch64-linux-gnu}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Compiles the tests; prints where the binary is.
build() {
    cargo test --release --no-run --test bits --message-format=json "$@" |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | grep '/bits-' | tail -n 1
}

# Runs the tests on one processor: its name, then the command that begins with the emulator, if any, and ends with the binary.
names=()
failed=()
digests() {
    local name=$1
    shift
    echo "-- $name" >&2
    if ! "$@" --exact "${tests[@]}" --nocapture --test-threads 1 > "$work/out" 2> "$work/err"; then
        failed+=("$name")
        cat "$work/err" >&2
    fi
    grep -E '^[0-9a-f]{64}  ' "$work/out" > "$work/$name" || true
    names+=("$name")
}

skip() {
    echo "-- $1: skipped, $2" >&2
}

binary=$(build)
for path in $("$binary" --exact paths_differ --nocapture | sed -n 's/^paths: //p'); do
    digests "$path" env CREDITLAB_SIMD="$path" "$binary"
done

for cpu in Haswell Westmere; do
    if [ "$(uname -m)" != x86_64 ]; then
        skip "$cpu" "this is no x86-64"
    elif ! command -v qemu-x86_64 > /dev/null; then
        skip "$cpu" "there is no qemu-x86_64"
    else
        digests "$cpu" qemu-x86_64 -cpu "$cpu" "$binary"
    fi
done

target=aarch64-unknown-linux-gnu
libraries=$("$rustc" --print target-libdir --target $target 2> /dev/null || true)
if [ "$(uname -m)" = aarch64 ]; then
    skip aarch64 "this is one"
elif ! command -v qemu-aarch64 > /dev/null; then
    skip aarch64 "there is no qemu-aarch64"
elif ! command -v "$linker" > /dev/null; then
    skip aarch64 "there is no $linker; set AARCH64_LINKER"
elif ! ls "$libraries"/libstd-*.rlib > /dev/null 2>&1; then
    skip aarch64 "$rustc has no standard library for $target; set AARCH64_RUSTC"
elif [ ! -d "$root/lib" ]; then
    skip aarch64 "there is no C library in $root; set AARCH64_ROOT"
else
    # of a compiler of another version nothing may be mixed with what is there; TLS is not needed
    binary=$(RUSTC=$rustc CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=$linker \
        build --target $target --no-default-features --target-dir "${CARGO_TARGET_DIR:-target}/aarch64")
    for path in neon portable; do
        digests "aarch64-$path" env CREDITLAB_SIMD="$path" qemu-aarch64 -L "$root" "$binary"
    done
fi

# the first digits of each digest, a column for each processor
cd "$work"
awk -v names="${names[*]}" '
    FNR == 1 { file++ }
    {
        digest = substr($0, 1, 8); name = substr($0, 67)
        if (!(name in rows)) { rows[name] = ++count; order[count] = name }
        cell[name, file] = digest
    }
    END {
        columns = split(names, title, " ")
        for (c = 1; c <= columns; c++) printf "%-17s", title[c]
        print ""
        for (r = 1; r <= count; r++) {
            equal = 1
            for (c = 1; c <= columns; c++) {
                shown = (order[r], c) in cell ? cell[order[r], c] : "-"
                equal = equal && shown == cell[order[r], 1]
                printf "%-17s", shown
            }
            print order[r] (equal ? "" : "  DIFFERENT")
        }
    }' "${names[@]}"
if [ ${#failed[@]} -gt 0 ]; then
    echo "not as in tests/bits/digests.txt: ${failed[*]}" >&2
    exit 1
fi
echo "all ${#names[@]} are as in tests/bits/digests.txt"
