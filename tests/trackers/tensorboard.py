"""Reads what `creditlab export --to tensorboard` wrote with TensorBoard's own readers, and holds every scalar to metrics.csv.

Call: tensorboard.py PROGRAM FOLDER, where FOLDER may be written to.
"""

import csv
import pathlib
import shutil
import subprocess
import sys

sys.path.pop(0)  # the folder of this file, which has the name of the package

import numpy
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.util import tensor_util

EXPERIMENT = """(
    task: Xor(samples: 40, test: 20), network: [4], stop: Epochs(3), seeds: 2,
    measure: (against: [Backprop, (label: "layer1/x", rule: SignSymmetry)]),
    arms: [Backprop, (rule: FeedbackAlignment, shadows: [(label: "50 %", rule: Pepita)]), ForwardForward],
)"""


def part(text):
    return text.replace("%", "%25").replace("/", "%2F")


def name(row, rule):
    """The scheme of the documentation of SeriesName, written a second time."""
    parts = []
    if row["rule"] not in ("none", rule):
        parts.append("shadow." + part(row["rule"]))
    if row["split"] not in ("none", "probe"):
        parts.append(row["split"])
    parts.append(part(row["metric"]))
    if (row["layer"], row["reference"]) != ("none", "none"):
        parts.append(row["layer"])
    if row["reference"] != "none":
        parts.append(part(row["reference"]))
    return "/".join(parts)


def expected(result):
    """For each run, what was measured: by tag, the steps with their values in single precision."""
    rules = {row["arm"]: row["rule"] for row in csv.DictReader(open(result / "arms.csv"))}
    runs = {}
    for row in csv.DictReader(open(result / "metrics.csv")):
        tags = runs.setdefault(f"{row['arm']}/{row['seed']}", {})
        series = tags.setdefault(name(row, rules[row["arm"]]), [])
        series.append((int(row["step"]), numpy.float32(row["value"])))
    return runs


def accumulated(folder):
    """What TensorBoard's scalar page shows."""
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0}).Reload()
    return {
        tag: [(event.step, numpy.float32(event.value)) for event in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
    }


def loaded(folder):
    """What TensorBoard's loader of event files hands on, one value after the other."""
    tags = {}
    (file,) = folder.iterdir()
    events = list(EventFileLoader(str(file)).Load())
    assert events[0].file_version == "brain.Event:2", events[0]
    for event in events[1:]:
        assert event.wall_time == event.step, event
        for value in event.summary.value:
            number = numpy.float32(tensor_util.make_ndarray(value.tensor))
            tags.setdefault(value.tag, []).append((event.step, number))
    return tags


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "tracked.ron").write_text(EXPERIMENT)

    def call(*arguments):
        subprocess.run([pathlib.Path(program).resolve(), *arguments], cwd=folder, check=True)

    call("run", "tracked.ron", "--quiet", "--no-figures")
    call("export", "results/tracked", "--to", "tensorboard")
    runs = expected(folder / "results/tracked")
    exported = folder / "exports/tracked"
    found = {f"{seed.parent.name}/{seed.name}" for seed in exported.glob("*/*")}
    assert found == set(runs), found ^ set(runs)
    scalars = 0
    for run, tags in runs.items():
        for reader in (accumulated, loaded):
            read = reader(exported / run)
            assert set(read) == set(tags), set(read) ^ set(tags)
            for tag, series in tags.items():
                assert read[tag] == series, (run, tag, read[tag], series)
        scalars += sum(map(len, tags.values()))
    assert scalars > 1000, scalars
    print(f"TensorBoard reads all {scalars} scalars of {len(runs)} runs")


main()
