"""Hold tables and curves to the files that they are read from, and to NumPy."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import Any, Dict, List

import numpy as np
import pandas as pd
import pytest
from cells import TABLES, lines, same

from creditlab import _series, _tables
from creditlab.results import ResultsError, load

SCRIPT = "zz <script>alert(1)</script>"


@pytest.mark.parametrize("folder", ["small", "numbers"])
def test_every_cell_is_that_of_the_file_to_the_bit(folder: str, request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(folder)
    results = load(path)
    cells = 0
    for name, attribute in TABLES.items():
        frame = getattr(results, attribute)
        if not (path / name).exists():
            assert frame is None
            continue
        rows = lines(path / name)
        assert list(frame.columns) == list(rows[0])
        assert len(frame) == len(rows)
        for column in frame.columns:
            for cell, row in zip(frame[column], rows):
                assert same(cell, row[column]), (name, column, cell, row[column])
                cells += 1
    assert cells > 1000


def test_the_comparison_of_cells_can_fail() -> None:
    assert not same(0.1, "0.10000000000000002")
    assert not same(1.0, "")
    assert not same(math.nan, "1.0")
    assert not same(0.0, "-0.0")
    assert not same("1", "01")


def test_text_is_in_categories_in_the_order_of_the_program(small: Path) -> None:
    results = load(small)
    arms = [row["arm"] for row in lines(small / "arms.csv")]
    assert arms != sorted(arms), "the alphabet would do"
    for frame in (results.arms, results.runs, results.metrics, results.summary, results.tuning, results.comparisons):
        assert list(frame["arm"].cat.categories) == arms
    metrics = results.metrics
    for column in ("metric", "split", "rule", "layer", "reference"):
        assert isinstance(metrics[column].dtype, pd.CategoricalDtype)
    assert list(metrics["layer"].cat.categories) == ["none", "layer1", "layer2", "layer3", "hidden", "all"]
    assert list(metrics["split"].cat.categories) == ["test", "validation", "train", "none", "probe"]
    assert list(results.runs["status"].cat.categories) == ["finished", "diverged"]


def test_whole_numbers_that_can_be_absent_are_nullable(small: Path) -> None:
    runs = load(small).runs
    assert str(runs["diverged_step"].dtype) == str(runs["best_step"].dtype) == "Int64"
    diverged = runs["status"] == "diverged"
    assert diverged.any()
    assert list(runs["diverged_step"].notna()) == list(diverged)
    assert runs["seed"].dtype == runs["steps"].dtype == np.int64


def test_seeds_keep_their_64_bits_and_names_that_are_numbers_stay_names(numbers: Path) -> None:
    results = load(numbers)
    seeds = [3, 2**53 + 1, 2**64 - 1]
    assert sorted({int(seed) for seed in results.runs["seed"]}) == seeds
    assert list(results.metrics["arm"].cat.categories) == ["1", "01"]
    assert list(results.curve(arm="01")["n"]) == [3, 3]
    assert sorted({int(seed) for seed in results.seeds(arm="1")["seed"]}) == seeds


def test_settings_in_which_arms_differ_are_numbers_where_they_are(small: Path) -> None:
    arms = load(small).arms.set_index("arm")
    assert arms.loc["diverging", "optimizer.learning_rate"] == 1e300
    assert arms.loc["patient", "stop"] == "Early"
    assert arms.loc["backprop", "shadows"] == "[]"
    told = _tables._as_told
    assert list(told(pd.Series(["1", "20"]))) == [1, 20]
    assert list(told(pd.Series(["1", "2.5e-3"]))) == [1.0, 0.0025]
    for words in (["1_0", "2"], ["nan", "1"], ["inf"], ["[64]", "1"]):
        assert list(told(pd.Series(words))) == words


def test_tables_that_are_not_there_are_none(numbers: Path) -> None:
    results = load(numbers)
    assert results.tuning is None
    assert results.comparisons is None


def test_what_a_user_adds_to_a_frame_stays_there(small: Path) -> None:
    results = load(small)
    before = results.curve()
    results.metrics["value2"] = 0.0
    del results.metrics["value"]
    pd.testing.assert_frame_equal(results.curve(), before)
    assert results.metrics is results.metrics


def test_name_spec_and_manifest(small: Path) -> None:
    results = load(small)
    assert results.path == small
    assert results.name == "small"
    assert results.spec == (small / "experiment.ron").read_text(encoding="utf-8")
    assert results.manifest["classes"] == ["even", "odd"]


def by_hand(path: Path, metric: str, arm: str, rules: List[str], key: str) -> Dict[float, List[float]]:
    """The values of finished runs on the test part at each moment, from the files alone."""
    finished = {(row["arm"], row["seed"]) for row in lines(path / "runs.csv") if row["status"] == "finished"}
    found: Dict[float, List[float]] = defaultdict(list)
    for row in lines(path / "metrics.csv"):
        is_meant = (row["metric"], row["split"], row["arm"]) == (metric, "test", arm) and row["rule"] in rules
        if is_meant and (row["arm"], row["seed"]) in finished:
            found[float(row[key])].append(float(row["value"]))
    return found


@pytest.mark.parametrize("key", ["epoch", "step"])
@pytest.mark.parametrize(
    ("arm", "metric", "rules"),
    [("backprop", "accuracy", ["none"]), ("forward-forward", "own_accuracy", ["ForwardForward"])],
)
def test_a_curve_is_mean_and_t_interval_over_seeds(
    small: Path, key: str, arm: str, metric: str, rules: List[str]
) -> None:
    curve = load(small).curve(arm=arm, by=key)
    expected = by_hand(small, metric, arm, rules, key)
    assert list(curve.columns) == ["arm", "label", "epoch", "step", "n", "mean", "sd", "ci_low", "ci_high"]
    assert list(curve[key]) == sorted(expected)
    assert len(curve) == 5
    for _, row in curve.iterrows():
        sample = np.array(expected[row[key]])
        # NIST: t with three degrees of freedom
        half = 3.1824463052837078 * sample.std(ddof=1) / math.sqrt(4)
        assert row["n"] == len(sample) == 4
        assert row["mean"] == pytest.approx(sample.mean(), rel=1e-14)
        assert row["sd"] == pytest.approx(sample.std(ddof=1), rel=1e-13, abs=1e-16)
        assert row["ci_low"] == pytest.approx(sample.mean() - half, rel=1e-12)
        assert row["ci_high"] == pytest.approx(sample.mean() + half, rel=1e-12)


def test_at_the_end_a_curve_is_the_row_of_the_summary(small: Path) -> None:
    results = load(small)
    summary = results.summary
    final = summary[(summary["at"] == "final") & ~summary["arm"].isin(["patient", "diverging"])]
    final = final.astype({"arm": str, "metric": str, "split": str, "rule": str, "layer": str, "reference": str})
    series = ["metric", "split", "layer", "reference", "rule"]
    compared = 0
    for keys, rows in final.groupby(series, observed=True):
        metric, split, layer, reference, rule = keys
        curve = results.curve(metric, split, layer=layer, reference=reference, rule=rule)
        last = curve.groupby("arm", observed=True).last()
        for _, row in rows.iterrows():
            end = last.loc[row["arm"]]
            assert end["n"] == row["n"]
            for statistic in ("mean", "sd", "ci_low", "ci_high"):
                assert end[statistic] == pytest.approx(row[statistic], rel=1e-12, abs=1e-12, nan_ok=True)
            compared += 1
    assert compared == len(final) > 100


def test_seeds_that_end_early_leave_the_curve(small: Path) -> None:
    results = load(small)
    curve = results.curve(arm="patient")
    ends = sorted(int(run["steps"]) for run in lines(small / "runs.csv") if run["arm"] == "patient")
    assert ends[0] < ends[-1], "all ended together"
    expected = [sum(end >= step for end in ends) for step in curve["step"]]
    assert list(curve["n"]) == expected
    alone = curve[curve["n"] == 1]
    assert len(alone)
    assert alone[["sd", "ci_low", "ci_high"]].isna().all(axis=None)


def test_a_single_seed_has_no_interval(single: Path) -> None:
    curve = load(single).curve()
    assert set(curve["n"]) == {1}
    assert curve["mean"].notna().all()
    assert curve[["sd", "ci_low", "ci_high"]].isna().all(axis=None)


def test_diverged_runs_enter_no_curve_and_stay_in_the_table(small: Path) -> None:
    results = load(small)
    assert (results.metrics["arm"] == "diverging").any()
    assert len(results.curve("loss", arm="diverging")) == 0
    assert "diverging" not in set(results.curve("loss")["arm"])


def test_seeds_are_what_the_curve_is_the_mean_of(small: Path) -> None:
    results = load(small)
    seeds = results.seeds("loss", "train")
    assert list(seeds.columns) == ["arm", "label", "seed", "epoch", "step", "value"]
    curve = results.curve("loss", "train")
    for _, row in curve.iterrows():
        alone = seeds[(seeds["arm"] == row["arm"]) & (seeds["epoch"] == row["epoch"])]
        assert len(alone) == row["n"]
        assert alone["value"].mean() == pytest.approx(row["mean"], rel=1e-14)
    assert curve["n"].sum() == len(seeds)


def test_angles_have_a_column_for_what_is_not_asked_for(small: Path) -> None:
    results = load(small)
    angles = results.angle()
    assert list(angles.columns[:4]) == ["arm", "label", "layer", "reference"]
    assert set(angles["layer"]) == {"layer1", "layer2", "layer3", "hidden", "all"}
    hidden = results.angle("hidden", "Backprop")
    assert list(hidden.columns[:3]) == ["arm", "label", "epoch"]
    assert not results.angle("hidden").drop(columns="reference").compare(hidden).size
    # an update has no angle to itself
    backprop = hidden[hidden["arm"] == "backprop"]
    assert len(backprop) == 5
    assert set(backprop["mean"]) == {0.0}
    assert (hidden[hidden["arm"] == "forward-forward"]["mean"] > 1).all()


def test_a_shadow_speaks_where_it_is_asked_for(small: Path) -> None:
    results = load(small)
    of_arm, of_rule, of_shadow = (
        results.curve("gradient_angle", arm=SCRIPT, layer="hidden", reference="Backprop", rule=rule)
        for rule in (None, "FeedbackAlignment", "Backprop")
    )
    pd.testing.assert_frame_equal(of_arm, of_rule)
    assert set(of_arm["n"]) == set(of_shadow["n"]) == {4}
    assert (of_arm["mean"] > 1).all()
    assert set(of_shadow["mean"]) == {0.0}


def test_moments_that_differ_between_seeds_are_missing() -> None:
    rows = pd.DataFrame(
        {
            "arm": pd.Categorical(["a"] * 4),
            "label": pd.Categorical(["A"] * 4),
            "seed": [0, 0, 1, 1],
            "epoch": [0.0, 1.0, 0.0, 1.0],
            "step": [0, 10, 0, 11],
            "value": [5.0, 1.0, 5.0, 3.0],
        }
    )
    by_epoch, by_step = _series.curve(rows, "epoch"), _series.curve(rows, "step")
    assert list(by_epoch["mean"]) == [5.0, 2.0]
    assert list(by_epoch["n"]) == [2, 2]
    assert [step is pd.NA or int(step) for step in by_epoch["step"]] == [0, True]
    assert list(by_step["step"]) == [0, 10, 11]
    assert list(by_step["n"]) == [2, 1, 1]
    assert list(by_step["epoch"]) == [0.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda r: r.curve("acuracy"), "no metric `acuracy`; did you mean `accuracy`?"),
        (lambda r: r.curve(split="tset"), "split of `accuracy` called `tset`; did you mean `test`? There are `test`, "),
        (lambda r: r.curve(arm="backprob"), "no arm `backprob`; did you mean `backprop`?"),
        (
            lambda r: r.angle("hiden"),
            "did you mean `hidden`? There are `layer1`, `layer2`, `layer3`, `hidden` and `all`",
        ),
        (lambda r: r.angle(reference="BackProp"), "did you mean `Backprop`?"),
        (lambda r: r.curve("gradient_angle", rule="Backpropagation"), "did you mean `Backprop`?"),
        (lambda r: r.curve("accuracy", layer="hidden"), "layer of `accuracy` called `hidden`"),
        (lambda r: r.curve("feedback_angle", arm="backprop"), "the arm `backprop` has no such values"),
        (lambda r: r.curve(by="steps"), "did you mean `step`?"),
        (lambda r: r.figure("convergance"), "no figure `convergance`; did you mean `convergence`?"),
        (lambda r: r.weights("backprop", 9), "seed of arm `backprop`: `9`. There are `0`, `1`, `2` and `3`"),
        (lambda r: r.weights("backprop", 0, 5), "seed 0: `5`. There are `0`, `4` and `8`"),
        (lambda r: r.weights("bakprop", 0), "did you mean `backprop`?"),
        (lambda r: r.predictions("backprop", 9), "called `9`. There are `0`, `1`, `2` and `3`"),
        (lambda r: load(r.path, frames="polar"), "did you mean `polars`?"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(small: Path, ask: Any, message: str) -> None:
    with pytest.raises(ResultsError) as error:
        ask(load(small))
    assert message in str(error.value)
