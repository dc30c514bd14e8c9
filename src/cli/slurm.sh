#!/bin/sh
# @NAME@ in @OF_PARTS@ with Slurm. Started with `sh`, this submits all jobs and prints the number of the last one; when that has ended, the
# tables are in @OUT@/@NAME@, or its log says what is missing. A task that meets its time limit, or whose node fails, is started
# again and goes on from its checkpoints. One step of each arm was timed: @SECONDS@ s of one core in all, without measuring.
set -eu
mkdir -p @OUT@

# submits all parts, with these options
parts() {
    # shellcheck disable=SC2086
    sbatch --parsable --job-name=@NAME@ --array=1-@PARTS@ --time=@TIME@ --cpus-per-task=@CPUS@ \
        --requeue --signal=B:TERM@120 --open-mode=append --output=@OUT@/@NAME@.slurm-%A-%a.log@OPTIONS@ $1 <<'END'
#!/bin/bash
@RUN@ --threads @CPUS@ --quiet --shard "$SLURM_ARRAY_TASK_ID/@PARTS@" &
run=$!
trap 'kill -TERM "$run" 2> /dev/null' TERM
status=0
wait "$run" || status=$?
# the signal ends the wait, and then the run
while kill -0 "$run" 2> /dev/null; do
    status=0
    wait "$run" || status=$?
done
# 130: interrupted with a checkpoint written
if [ "$status" -eq 130 ] || [ "$status" -eq 143 ]; then
    scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
    sleep 60
fi
exit "$status"
END
}

# submits what joins the parts when all of this job have ended
merge() {
    sbatch --parsable --job-name=@NAME@-merge --dependency=afterany:"$1" --time=@TIME@ --cpus-per-task=@CPUS@ \
        --requeue --open-mode=append --output=@OUT@/@NAME@.slurm-%j.log@OPTIONS@ <<'END'
#!/bin/sh
exec @MERGE@ --threads @CPUS@ @DATA@
END
}

@STAGES@
