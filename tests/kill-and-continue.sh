#!/usr/bin/env bash
# Kills an experiment N times (default 25) with SIGKILL at random moments, lets the same command continue each time, and
# compares every file with those of an uninterrupted run. CREDITLAB names the program; it is built if that is not set.
set -euo pipefail

kills=${1:-25}
program=${CREDITLAB:-}
if [ -z "$program" ]; then
    cargo build --release --quiet
    program=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/creditlab
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > a.ron <<'RON'
(
    task: Digits,
    network: [32, 16],
    stop: Epochs(8),
    seeds: 10,
    measure: (every: Epochs(1), probe: 64),
    save: (weights: [Steps(0), Best, End], predictions: [Best, End]),
    arms: [Backprop, KolenPollack, NodePerturbation, ForwardForward],
)
RON

# Checksums of all files but the lock and the manifest, which holds times.
sums() {
    (cd "$1" && find . -type f ! -name .lock ! -name manifest.json -print0 | sort -z | xargs -0 sha256sum)
}

begin=$(date +%s%N)
"$program" run a.ron --quiet --out whole
length=$((($(date +%s%N) - begin) / 1000000))
sums whole/a > whole.sums
files=$(wc -l < whole.sums)
echo "uninterrupted: $length ms, $files files"

killed=0
rounds=0
resumed_from=()
while [ "$killed" -lt "$kills" ]; do
    rounds=$((rounds + 1))
    threads=$((rounds % 2 ? 1 : 8))
    rm -rf broken
    while :; do
        "$program" run a.ron --quiet --out broken --threads "$threads" &
        process=$!
        delay=$(((RANDOM * 32768 + RANDOM) % (length / 2 + 1)))
        sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
        if [ "$killed" -lt "$kills" ] && kill -KILL "$process" 2> kill.err; then
            wait "$process" 2> wait.err || status=$?
            if [ "${status:-0}" -eq 137 ]; then
                killed=$((killed + 1))
                resumed_from+=("$(find broken -path '*/.runs/*' ! -name '.*' 2> find.err | wc -l)")
            fi
            status=0
        else
            # over before it could be killed, or enough kills: it must end well by itself
            wait "$process"
            break
        fi
    done
    sums broken/a > broken.sums
    if ! diff whole.sums broken.sums; then
        echo "round $rounds differs from the uninterrupted run" >&2
        exit 1
    fi
done

echo "$killed kills in $rounds rounds on 1 and 8 threads; runs finished at each kill: ${resumed_from[*]}"
echo "verified after each round: all $files files byte-identical, no stray file, no manual step, no lock left behind"
