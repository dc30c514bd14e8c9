"""Carry out experiments from Python."""

import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

import creditlab

SPEC = "(name: \"small\", task: Xor(samples: 40, test: 20), network: [4], stop: Epochs(2), seeds: 2, arms: [Backprop, FeedbackAlignment])"
LONG = SPEC.replace("small", "long").replace("Epochs(2)", "Epochs(1000000)")


def test_text_file_and_dictionary_are_one_experiment(tmp_path):
    file = tmp_path / "small.ron"
    file.write_text(SPEC)
    fields = {
        "name": "small",
        "task": "Xor(samples: 40, test: 20)",
        "network": [4],
        "stop": "Epochs(2)",
        "seeds": 2,
        "arms": ["Backprop", "FeedbackAlignment"],
    }
    folders = [creditlab.run(spec, out=tmp_path / str(i), progress=False).path for i, spec in enumerate([SPEC, file, str(file), fields])]
    for table in ["metrics.csv", "runs.csv", "summary.csv", "arms.csv", "experiment.ron"]:
        assert len({(folder / table).read_bytes() for folder in folders}) == 1, table


def test_seeds_and_values_are_replaced(tmp_path):
    results = creditlab.run(SPEC, seeds=[3, 5], set={"network.hidden": [7], "stop": "Epochs(1)"}, out=tmp_path, progress=False)
    assert sorted(set(results.runs.seed)) == [3, 5]
    assert set(results.runs.epochs) == {1.0}
    # two inputs, seven hidden units, two classes
    assert set(results.arms.parameters) == {7 * 3 + 2 * 8}


@pytest.mark.parametrize(
    "spec, message, place",
    [
        ("(task: Xor, network: [4], arms: [Backpropp])", r"experiment.ron:1:34[\s\S]*did you mean `Backprop`", (1, 34)),
        ("(task: Xor,\n network: [4],\n arms: [Backprop],\n sed: 3)", r"experiment.ron:4:2", (4, 2)),
        ("(task: Xor, arms: [(label: \"éè\", rule: Backpropp)])", r"experiment.ron:1:40", (1, 40)),
        ({"task": "Xor", "network": [4], "arms": ["Backprop"], "sed": 3}, "unknown field `sed`", None),
    ],
)
def test_a_mistake_has_its_place(spec, message, place, tmp_path):
    with pytest.raises(creditlab.SpecError, match=message) as raised:
        creditlab.run(spec, out=tmp_path, progress=False)
    assert place is None or (raised.value.line, raised.value.column) == place
    assert issubclass(creditlab.SpecError, ValueError)


def test_a_mistake_that_is_about_no_place_has_none(tmp_path):
    with pytest.raises(creditlab.SpecError, match="none.csv") as raised:
        creditlab.run("(task: Csv(path: \"none.csv\", target: \"y\"), arms: [Backprop])", out=tmp_path, progress=False)
    assert (raised.value.line is None) == (raised.value.column is None)
    assert creditlab.SpecError("made by hand").line is None


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="name an experiment file"):
        creditlab.run(tmp_path / "none.ron")


def test_other_threads_go_on(tmp_path):
    """The lock of the interpreter is not held while runs go on."""
    counted, over = [0], threading.Event()

    def count():
        while not over.is_set():
            counted[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    before = counted[0]
    try:
        creditlab.run(LONG.replace("1000000", "2000"), seeds=1, out=tmp_path, figures=False, progress=False)
    finally:
        over.set()
        thread.join()
    assert counted[0] - before > 5


def test_an_interruption_ends_tidily_and_the_next_call_goes_on(tmp_path):
    code = textwrap.dedent(
        """
        import sys, creditlab
        try:
            creditlab.run(sys.argv[1], out=sys.argv[2], threads=1)
        except KeyboardInterrupt:
            sys.exit(42)
        """
    )
    process = subprocess.Popen([sys.executable, "-c", code, LONG, str(tmp_path)], stderr=subprocess.PIPE, text=True)
    deadline = time.time() + 60
    while not (tmp_path / "long").exists() and time.time() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 42, process.stderr.read()
    names = {str(path.relative_to(tmp_path)) for path in (tmp_path / "long").rglob("*") if path.is_file()}
    assert "long/manifest.json" in names and "long/runs.csv" not in names
    results = creditlab.run(LONG, set={"stop": "Epochs(2)"}, out=tmp_path, progress=False)
    assert len(results.runs) == 4


def test_progress_is_told_on_one_line(tmp_path, capsys):
    creditlab.run(SPEC, out=tmp_path)
    told = capsys.readouterr().err
    assert told.startswith("\r4 runs: ") and told.endswith("\n")
    creditlab.run(SPEC, seeds=3, out=tmp_path)
    assert "\r2 of 6 runs: " in capsys.readouterr().err
    creditlab.run(SPEC, seeds=4, out=tmp_path, progress=False)
    assert capsys.readouterr().err == ""


def test_the_command_is_on_the_path(tmp_path):
    command = Path(sys.executable).with_name("creditlab")
    told = subprocess.run([command, "rules", "Backprop"], capture_output=True, text=True, check=True)
    assert "Rumelhart" in told.stdout
    wrong = subprocess.run([command, "run", "none.ron"], capture_output=True, text=True, cwd=tmp_path)
    assert wrong.returncode == 2 and "there is no such file" in wrong.stderr


def test_what_a_dictionary_cannot_say_is_refused(tmp_path):
    with pytest.raises(TypeError, match="leave the field out"):
        creditlab.run({"task": "Xor", "network": None}, out=tmp_path)
    with pytest.raises(TypeError, match="cannot stand in an experiment file"):
        creditlab.run({"task": "Xor", "network": object()}, out=tmp_path)


def test_texts_with_quotes_and_line_ends_stay_texts(tmp_path):
    results = creditlab.run(
        {"name": "label", "task": "Xor(samples: 20, test: 10)", "network": [2], "stop": "Epochs(1)", "seeds": 1,
         "arms": [{"label": "Backprop", "rule": "FeedbackAlignment"}, {"label": 'a "quoted" \\ label', "rule": "Backprop"}]},
        out=tmp_path, figures=False, progress=False,
    )
    assert list(results.arms.label) == ["Backprop", 'a "quoted" \\ label']
