#!/usr/bin/env bash
# Carries experiments out with a real Slurm on this machine: starts munged, slurmctld and slurmd with a configuration of their own, in a
# temporary folder, submits what `creditlab slurm` prints, and compares every file with those of one process. Parts meet their time
# limit, are started again, and go on from checkpoints. Needs Debian's slurm-wlm and munge, and root; says so and ends well elsewhere.
# CREDITLAB names the program; it is built if that is not set.
set -euo pipefail

for tool in munged slurmctld slurmd sbatch squeue scontrol; do
    command -v "$tool" > /dev/null || { echo "skipped: $tool is not installed (Debian: slurm-wlm, munge)"; exit 0; }
done
[ "$(id -u)" -eq 0 ] || { echo "skipped: slurmd has to be started by root"; exit 0; }

program=${CREDITLAB:-}
if [ -z "$program" ]; then
    cargo build --release --quiet
    program=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/creditlab
fi
work=$(mktemp -d)
chmod 755 "$work"
stop() {
    for service in slurmd slurmctld munged; do
        [ ! -f "$work/$service.pid" ] || kill "$(cat "$work/$service.pid")" 2> /dev/null || true
    done
    [ -n "${KEEP:-}" ] || rm -rf "$work"
}
trap stop EXIT
mkdir "$work/bin" "$work/state" "$work/spool"
ln -s "$(realpath "$program")" "$work/bin/creditlab"
export PATH="$work/bin:$PATH" SLURM_CONF="$work/slurm.conf"

# munge wants its own folder to itself
mkdir -m 700 "$work/munge"
head -c 1024 /dev/urandom > "$work/munge/key"
chmod 600 "$work/munge/key"
munged --force --socket="$work/munge.socket" --key-file="$work/munge/key" --pid-file="$work/munged.pid" \
    --log-file="$work/munge/log" --seed-file="$work/munge/seed"

host=$(hostname -s)
cat > "$SLURM_CONF" <<END
ClusterName=creditlab
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthInfo=socket=$work/munge.socket
SlurmctldPort=16817
SlurmdPort=16818
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
JobRequeue=1
SchedulerParameters=bf_interval=1,sched_interval=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
slurmctld
slurmd
for _ in $(seq 60); do
    [ "$(sinfo -h -o %T 2> /dev/null)" = idle ] && break
    sleep 1
done
sinfo

# Waits until no job is left; a requeued task waits two minutes by itself before it may start, which is made shorter here.
wait_for_all() {
    while [ -n "$(squeue -h)" ]; do
        squeue -h -t PD -o %F_%K | sort -u | while read -r job; do scontrol update jobid="$job" starttime=now 2> /dev/null || true; done
        sleep 5
    done
}

sums() {
    (cd "$1" && find . -type f ! -name .lock ! -name manifest.json ! -name 'segment-*' -print0 | sort -z | xargs -0 sha256sum)
}

# An experiment in parts, and the same by one process.
trial() {
    local name=$1
    shift
    creditlab slurm "$name.ron" "$@" > "$name.sh"
    sh "$name.sh"
    wait_for_all
    cat "results/$name".slurm-*.log | grep -v '^$' | sort | uniq -c | sort -rn | head -20
    creditlab run "$name.ron" --out whole --quiet
    sums "whole/$name" > whole.sums
    sums "results/$name" > parts.sums
    diff whole.sums parts.sums
    echo "$name: $(ls -d "results/$name".shard-* | wc -l) parts, $(wc -l < parts.sums) files byte-identical to those of one process"
}

cd "$work"
cat > tuned.ron <<'RON'
(
    name: "tuned",
    task: Digits,
    network: [64, 32],
    stop: Epochs(EPOCHS),
    seeds: 4,
    tune: (seeds: 1),
    optimizer: Sgd(learning_rate: Tune([0.02, 0.1])),
    arms: [Backprop, FeedbackAlignment],
)
RON
# long enough that a task is stopped by its limit of three minutes: the signal comes two minutes before
sed -i "s/EPOCHS/${EPOCHS:-3000}/" tuned.ron
trial tuned --array 2 --time 00:03:00 --at-least 30s
