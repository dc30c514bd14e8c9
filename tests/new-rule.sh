#!/usr/bin/env bash
# Makes a package with a rule by `creditlab new-rule`, builds it on this tree, holds the rule to the laws and runs its experiment. It shares the
# folder of builds and the versions of all packages with this tree, so that these are not compiled twice. CREDITLAB names the program; it is
# built if that is not set.
set -euo pipefail
cd "$(dirname "$0")/.."
tree=$PWD
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$tree/target}
program=${CREDITLAB:-}
if [ -z "$program" ]; then
    cargo build --release --quiet
    program=$CARGO_TARGET_DIR/release/creditlab
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"$program" new-rule MadeUp package --path "$tree"
cd package
cp "$tree/Cargo.lock" .
cargo fmt --check
cargo test --release
cargo run --release --quiet -- check experiments/compare.ron
cargo run --release --quiet -- run experiments/compare.ron --seeds 2 --set "stop=Epochs(1)" --quiet --no-figures
grep --quiet "^made-up," results/compare/runs.csv

# a rule that breaks a law fails its test: noise that no stream gave
sed -i 's/above.pull(&above.weight, error, delta);/&\n            delta.fill(T::of(std::time::Instant::now().elapsed().as_nanos() as f64));/' src/main.rs
if cargo test --release > "$folder/broken.txt" 2>&1; then
    echo "a rule that breaks the laws passed its test" >&2
    exit 1
fi
grep --quiet 'same seed, same bytes' "$folder/broken.txt"
echo "the package builds, keeps the laws, and runs"
