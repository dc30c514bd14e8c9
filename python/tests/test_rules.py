"""Hold rules in Python to the built-in ones, and to the laws of all rules."""

import gc
import json
import linecache
import re

import numpy as np
import pandas as pd
import pytest

import creditlab
from rules_for_tests import MyArrays, MyBackprop, MyFaulty, MyKolenPollack, MyNoise

XOR = {
    "name": "xor",
    "task": "Xor(samples: 60, test: 20)",
    "network": [6, 5],
    "optimizer": "Sgd(learning_rate: 0.1, momentum: 0.9)",
    "batch": 8,
    "stop": "Steps(40)",
    "precision": "F64",
    "seeds": 2,
}


def run(tmp_path, arms, **more):
    return creditlab.run({**XOR, **more, "arms": arms}, out=tmp_path, figures=False, progress=False)


def twin(tmp_path, mine, built_in, tolerance=1e-12, **more):
    """Both leave the same numbers, to a tolerance of NumPy's other order of summation."""
    arms = [{"label": "mine", "rule": mine}, {"label": "built-in", "rule": built_in}]
    results = run(tmp_path, arms, **more)
    metrics = results.metrics.astype({"arm": str})
    keys = ["seed", "step", "split", "metric", "layer", "reference"]
    mine, other = (metrics[metrics.arm == arm].set_index(keys).value for arm in ("mine", "built-in"))
    # near 0 an angle is the square root of what is lost in a cosine
    chosen = ~mine.index.get_level_values("metric").str.endswith("angle")
    assert len(mine) == len(other) > 100
    difference = (mine[chosen] - other.reindex(mine.index)[chosen]).abs()
    assert difference.max() <= tolerance * max(1.0, mine[chosen].abs().max())
    return results


def test_backpropagation_is_the_built_in_one(tmp_path):
    twin(tmp_path, MyBackprop, "Backprop")


def test_feedback_that_learns_is_the_built_in_one(tmp_path):
    twin(tmp_path, MyKolenPollack, "KolenPollack", optimizer="Sgd(learning_rate: 0.1)")


def test_arrays_are_the_built_in_ones(tmp_path):
    twin(tmp_path, MyArrays, "OutputOnly")


def test_the_rule_of_the_readme_is_feedback_alignment(tmp_path, readme_rule):
    lines = [line for line in readme_rule.code.splitlines() if line.strip()]
    assert len(lines) <= 18, "it is said to be short"
    twin(tmp_path, readme_rule.MyAlignment, "FeedbackAlignment")


@pytest.mark.parametrize("rule", [MyBackprop, MyKolenPollack, MyKolenPollack(decay=0.25), MyNoise, MyArrays])
def test_the_laws_hold(rule):
    report = creditlab.check_rule(rule)
    assert type(rule).__name__ in report or rule.__name__ in report


def test_laws_that_are_broken_are_told():
    with pytest.raises(AssertionError, match="draw"):

        class Undeclared(MyNoise):
            needs = {"like": "output", "signed_errors": False, "slope": False}

        creditlab.check_rule(Undeclared)


def test_what_a_rule_raises_is_told_by_the_laws():
    with pytest.raises(AssertionError, match=r"in `propose`, ArithmeticError: it rains \(.*rules_for_tests.py"):
        creditlab.check_rule(MyFaulty(at=0))


def test_what_is_no_rule_is_refused():
    class Nothing:
        def propose(self, state, step):
            return []

    with pytest.raises(TypeError, match="Nothing is no rule: derive it from creditlab.Rule"):
        creditlab.check_rule(Nothing)


def test_single_precision_stays_single(tmp_path):
    results = run(tmp_path, [MyKolenPollack], precision="F32")
    assert results.runs.status.eq("finished").all()


def test_options_are_read_and_refused(tmp_path):
    results = creditlab.run({**XOR, "arms": ["MyKolenPollack(decay: 0.5)", MyKolenPollack(decay=0.25)]}, out=tmp_path, progress=False)
    assert len(results.arms) == 2
    with pytest.raises(creditlab.SpecError, match=r"`decay` must be in \[0, 1\)"):
        run(tmp_path, [MyKolenPollack(decay=2.0)])
    text = "(task: Xor, network: [4], arms: [\n    MyKolenPollack(dekay: 0.5),\n])"
    with pytest.raises(creditlab.SpecError, match=r"did you mean `decay`") as error:
        creditlab.run(text, rules=[MyKolenPollack], out=tmp_path, progress=False)
    assert "experiment.ron:2:20" in str(error.value)


@pytest.mark.parametrize(
    "how, message",
    [
        ("raise", r"in `propose`, ArithmeticError: it rains \(.*rules_for_tests.py, line \d+: raise ArithmeticError"),
        ("keep", "it keeps an array of a step"),
        ("use later", "this step is over"),
        ("write", "read-only"),
        ("shape", "layer 0: an array of 6 rows and 8 columns is needed, and this one has 5 and 8"),
        ("length", "there are 3 layers, and this is a list of 2"),
        ("kind", "a list with an entry for each layer"),
        ("layer", "there is no layer 7: the network has 3"),
        ("replace", "must stay an array"),
    ],
)
def test_a_mistake_ends_its_run_alone(tmp_path, how, message):
    arms = [{"label": "ill", "rule": MyFaulty(how=how)}, {"label": "well", "rule": MyFaulty(how="none")}]
    with pytest.raises(creditlab.RuleError, match=message) as error:
        run(tmp_path, arms)
    text = str(error.value)
    assert "`MyFaulty` cannot go on in the run of `ill` with seed 0, at step " in text
    assert "2 of 4 runs are kept" in text
    del error
    gc.collect()


def test_results_tell_what_their_bits_depend_on(tmp_path):
    results = run(tmp_path, [MyBackprop, "Backprop"])
    guest = json.loads((results.path / "manifest.json").read_text())["guests"]["MyBackprop"]
    assert guest["depends_on"].startswith(f"NumPy {np.__version__}")
    assert re.fullmatch("[0-9a-f]{64}", guest["code"])


def test_rates_and_options_are_tuned_as_those_of_built_in_rules(tmp_path):
    rates = "Sgd(learning_rate: Tune([0.01, 0.1, 1.0]))"
    arms = [{"label": "mine", "rule": MyBackprop}, {"label": "built-in", "rule": "Backprop"}]
    results = run(tmp_path, arms, optimizer=rates, tune={"seeds": 2})
    trials = results.tuning.astype({"arm": str})
    mine, other = (trials[trials.arm == arm].reset_index(drop=True) for arm in ("mine", "built-in"))
    assert len(mine) == len(other) == 3 * 2
    assert mine.chosen.tolist() == other.chosen.tolist()
    assert np.allclose(mine.value, other.value, rtol=0, atol=1e-12)

    options = {**XOR, "name": "options", "arms": ["MyKolenPollack(decay: Tune([0.0, 0.5, 0.9]))"], "tune": {"seeds": 2}}
    results = creditlab.run(options, rules=[MyKolenPollack], out=tmp_path, figures=False, progress=False)
    assert set(results.tuning.path.astype(str)) == {"rule.decay"}
    assert sorted(set(results.tuning.setting.astype(str).map(float))) == [0.0, 0.5, 0.9]
    assert results.tuning.chosen.sum() == 2, "one value, with both of its seeds"


def test_a_run_goes_on_to_the_same_bytes(tmp_path):
    """Threads, other arms and earlier calls are not in the bytes."""
    first = run(tmp_path / "a", [MyKolenPollack, "Backprop"])
    again = creditlab.run({**XOR, "arms": ["Backprop", MyKolenPollack]}, out=tmp_path / "b", threads=1, progress=False)

    def rows(results):
        metrics = pd.read_csv(results.path / "metrics.csv", dtype=str)
        return sorted(map(tuple, metrics.fillna("").itertuples(index=False)))

    assert rows(first) == rows(again)


def test_the_command_line_knows_rules_in_python(tmp_path, capfd):
    results = run(tmp_path, [MyBackprop])
    assert creditlab.cli(["verify", results.path], rules=[MyBackprop]) == 0
    assert creditlab.cli(["rules", "MyKolenPollack"], rules=[MyKolenPollack]) == 0
    assert "Share of B that is lost in a step." in capfd.readouterr().out
    assert creditlab.cli(["verify", results.path]) == 2
    assert "MyBackprop" in capfd.readouterr().err


def test_a_shadow_and_a_reference_may_be_in_python(tmp_path):
    arm = {"label": "x", "rule": "FeedbackAlignment", "shadows": [MyKolenPollack], "measure": {"against": [MyBackprop]}}
    results = run(tmp_path, [arm])
    angles = results.metrics[results.metrics.metric == "gradient_angle"]
    assert {"MyBackprop"} <= set(angles.reference)
    assert {"MyKolenPollack"} <= set(angles.rule)


def test_a_rule_without_options_needs_no_dataclass_and_one_with_fields_does():
    class Plain(creditlab.Rule):
        """nothing is learned"""

        def propose(self, state, step):
            return [None] * step.depth

    class Forgetful(Plain):
        gain: float = 1.0

    assert creditlab.rules.Bridge.of(Plain).options == []
    with pytest.raises(TypeError, match="put `@dataclass` above it"):
        creditlab.rules.Bridge.of(Forgetful)


def test_other_code_has_another_digest_in_a_file_a_cell_and_a_prompt():
    """Of a class in no file members are told; at a prompt there is not even their text."""
    text = "import creditlab\nclass Mine(creditlab.Rule):\n    def propose(self, state, step):\n        return [None] * {}\n"

    def digest(factor, name):
        code, scope = text.format(factor), {"__name__": "__main__"}
        if name:
            linecache.cache[name] = (len(code), None, code.splitlines(True), name)
        exec(compile(code, name or "<stdin>", "exec"), scope)
        return creditlab.rules.Bridge.of(scope["Mine"]).code

    for name in ("<a cell>", ""):
        assert digest(2, name) == digest(2, name)
        assert digest(2, name) != digest(3, name)
