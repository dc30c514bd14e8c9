#!/usr/bin/env bash
# Kills experiments N times (default 25) with SIGKILL, lets the same command continue each time, and compares every file with those of an
# uninterrupted run: one experiment of many short runs, one of few runs that are longer than they live, which go on from checkpoints, and
# one that is tuned and carried out in three parts, whose parts and merges are killed. Where there is a C compiler, half of the kills
# happen inside a write, half of whose bytes are then there, or in the place of bringing a file to the disk; of the others half meet a
# program that has just gone on. CREDITLAB names the program; it is built if that is not set.
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

cat > short.ron <<'RON'
(
    task: Xor(samples: 200, test: 40),
    network: [8, 4],
    stop: Epochs(8),
    seeds: 8,
    measure: (every: Epochs(1), probe: 64),
    save: (weights: [Steps(0), Best, End], predictions: [Best, End]),
    arms: [Backprop, KolenPollack, NodePerturbation, ForwardForward],
)
RON

cat > long.ron <<'RON'
(
    task: Xor(samples: 400, test: 40),
    network: (hidden: [16, 8], dropout: 0.1),
    stop: Early(patience: 200, at_most: Epochs(200)),
    warm_up: Epochs(1),
    seeds: 2,
    optimizer: Adam(learning_rate: 0.001),
    measure: (every: Epochs(2), probe: 64),
    save: (weights: [Every(Epochs(50)), Best, End], predictions: [Best, End]),
    arms: [(rule: FeedbackAlignment, shadows: [KolenPollack, DirectFeedbackAlignment])],
)
RON

# Kills the process that it is loaded into at the operation on a plain file that has the number KILL_AT.
cat > kill.c <<'C'
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_due(int fd) {
    static int count = 0;
    struct stat data;
    const char *at = getenv("KILL_AT");
    return at && fstat(fd, &data) == 0 && S_ISREG(data.st_mode) && __sync_add_and_fetch(&count, 1) == atoi(at);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (is_due(fd)) {
        syscall(SYS_write, fd, bytes, length / 2);
        kill(getpid(), SIGKILL);
    }
    return syscall(SYS_write, fd, bytes, length);
}

int fsync(int fd) {
    if (is_due(fd)) kill(getpid(), SIGKILL);
    return syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
    if (is_due(fd)) kill(getpid(), SIGKILL);
    return syscall(SYS_fdatasync, fd);
}
C
shim=
if cc -shared -fPIC -w -o kill.so kill.c 2> /dev/null; then
    shim=$work/kill.so
else
    echo "there is no C compiler: no kill happens inside a write"
fi

# Starts a command in the background, `process`, every second time so that it dies inside a write unless it ends before.
start() {
    if [ -n "$shim" ] && [ $((killed % 2)) -eq 0 ] && [ "$killed" -lt "$kills" ]; then
        inside=1
        LD_PRELOAD=$shim KILL_AT=$((RANDOM % 150 + 1)) "$@" > out.log 2> err.log &
    else
        inside=0
        "$@" > out.log 2> err.log &
    fi
    process=$!
}

# Checksums of all files but the lock, the manifest, which holds times, and the kept runs, which stand in the order they ended in.
sums() {
    (cd "$1" && find . -type f ! -name .lock ! -name manifest.json ! -name 'segment-*' -print0 | sort -z | xargs -0 sha256sum)
}

# How many checkpoints there are; a process that was killed early has made no folder for them.
checkpoints() {
    { find broken -path '*/.runs/.checkpoints/*' ! -name '.*' 2> find.err || true; } | wc -l
}

# Lets the process die inside a write, or kills it after a random while, every second time soon after it has gone on. Whether it died; one
# that did not must have ended well by itself.
dies() {
    local delay status=0
    if [ "$inside" -eq 0 ] && [ "$killed" -lt "$kills" ]; then
        delay=$(((RANDOM * 32768 + RANDOM) % (length + 1)))
        [ $((killed % 4)) -eq 1 ] || delay=$((delay % 60))
        sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
        kill -KILL "$process" 2> kill.err || true
    fi
    wait "$process" 2> wait.err || status=$?
    if [ "$status" -eq 137 ]; then
        killed=$((killed + 1))
        writes=$((writes + inside))
        return 0
    fi
    [ "$status" -eq 0 ] || { cat err.log >&2; exit 1; }
    return 1
}

# Kills an experiment so often, with a checkpoint so often, and with figures or not.
trial() {
    local name=$1 kills=$2 every=$3 figures=${4:-} killed=0 writes=0 rounds=0 length begin process inside from=()
    rm -rf whole
    begin=$(date +%s%N)
    "$program" run "$name.ron" --quiet --out whole $figures
    length=$((($(date +%s%N) - begin) / 1000000))
    sums "whole/$name" > whole.sums
    echo "$name, uninterrupted: $length ms, $(wc -l < whole.sums) files"
    while [ "$killed" -lt "$kills" ]; do
        rounds=$((rounds + 1))
        rm -rf broken
        while :; do
            start "$program" run "$name.ron" --quiet --out broken --threads "$((rounds % 2 ? 1 : 8))" --checkpoint "$every" $figures
            if dies; then
                from+=("$(checkpoints)")
            else
                break
            fi
        done
        sums "broken/$name" > broken.sums
        if ! diff whole.sums broken.sums; then
            echo "$name: round $rounds differs from the uninterrupted run" >&2
            exit 1
        fi
    done
    echo "$name: $killed kills, $writes of them inside writes, in $rounds rounds on 1 and 8 threads; checkpoints at each kill: $(printf '%s\n' "${from[@]}" | sort -n | uniq -c | awk '{printf "%s%d of %d", (NR > 1 ? ", " : ""), $2, $1}')"
    echo "$name: after each round all files byte-identical, no stray file, no manual step, no lock left behind"
}

cat > parts.ron <<'RON'
(
    task: Xor(samples: 200, test: 40),
    network: [8],
    stop: Epochs(10),
    seeds: 6,
    tune: (seeds: 2),
    optimizer: Sgd(learning_rate: Tune([0.05, 0.2])),
    save: (weights: [End], predictions: [End]),
    arms: [Backprop, FeedbackAlignment, NodePerturbation],
)
RON

# Starts a command again and again, until it has ended by itself.
through() {
    while
        start "$@"
        dies
    do :; done
}

# Kills the parts of a tuned experiment, and what merges them.
trial_of_parts() {
    local kills=$1 killed=0 writes=0 rounds=0 length begin process inside stage part
    rm -rf whole
    begin=$(date +%s%N)
    "$program" run parts.ron --quiet --out whole --no-figures
    length=$((($(date +%s%N) - begin) / 1000000))
    sums whole/parts > whole.sums
    echo "parts, uninterrupted and in one: $length ms, $(wc -l < whole.sums) files"
    while [ "$killed" -lt "$kills" ]; do
        rounds=$((rounds + 1))
        rm -rf broken
        for stage in trials runs; do
            for part in 1 2 3; do
                through "$program" run parts.ron --quiet --out broken --shard "$part/3" --checkpoint 5ms --no-figures
            done
            through "$program" merge broken/parts.shard-*-of-3 --quiet --out broken --no-figures
        done
        sums broken/parts > broken.sums
        if ! diff whole.sums broken.sums; then
            echo "parts: round $rounds differs from the uninterrupted run ($stage)" >&2
            exit 1
        fi
    done
    echo "parts: $killed kills, $writes of them inside writes, in $rounds rounds of 6 parts and 2 merges: all files byte-identical, no stray file, no manual step"
}

trial short $((kills / 6)) 60s
trial short $((kills / 6)) 60s --no-figures
trial long $((kills / 3)) 5ms --no-figures
trial_of_parts $((kills - 2 * (kills / 6) - kills / 3))
