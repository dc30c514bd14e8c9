"""See what notebooks show, and that polars frames are the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

import pandas as pd
import pytest
from cells import TABLES, bits, lines

from creditlab.results import Results, ResultsError, load


def test_a_notebook_shows_labels_as_text(small: Path) -> None:
    shown = load(small)._repr_html_()
    assert "<script>" not in shown
    assert "zz &lt;script&gt;alert(1)&lt;/script&gt; (untuned)" in shown
    assert "<th>final test accuracy (%)</th>" in shown


def test_a_notebook_shows_final_scores(small: Path) -> None:
    results = load(small)
    shown = results._repr_html_()
    summary = {row["arm"]: row for row in lines(small / "summary.csv") if is_final_accuracy(row)}
    # which predicts in its own way
    summary.update({row["arm"]: row for row in lines(small / "summary.csv") if is_final_accuracy(row, "own_accuracy")})
    for arm in ("backprop", "forward-forward", "tuned", "patient"):
        mean, low, high = (100 * float(summary[arm][column]) for column in ("mean", "ci_low", "ci_high"))
        assert f">{mean:.2f} ± {(high - low) / 2:.2f}</td>" in shown
    # no score, no finished run, four that diverged
    row = shown[shown.index("diverging") :]
    assert [cell.split("<")[0] for cell in row.split('right">')[1:4]] == ["", "0", "4"]


def is_final_accuracy(row: Dict[str, str], metric: str = "accuracy") -> bool:
    return (row["metric"], row["split"], row["at"]) == (metric, "test", "final")


def test_results_say_what_they_are_in_one_line(small: Path, single: Path) -> None:
    assert repr(load(small)) == f"<results of small: 6 arms, 24 runs, 4 of them diverged, in {small}>"
    assert repr(load(single)) == f"<results of single: 2 arms, 2 runs, in {single}>"


def test_figures_are_shown_with_their_captions(small: Path) -> None:
    figure = load(small).figure("alignment")
    folder = small / "figures"
    assert figure.path == folder / "alignment.svg"
    assert figure.caption.startswith("Alignment over training: angle in degrees")
    shown = figure._repr_mimebundle_()
    assert shown["image/svg+xml"] == (folder / "alignment.svg").read_text(encoding="utf-8")
    assert shown["text/plain"] == figure.caption
    assert figure._repr_png_() == (folder / "alignment.png").read_bytes()
    assert set(figure._repr_mimebundle_(include=["image/png"])) == {"image/png"}
    assert set(figure._repr_mimebundle_(exclude=["image/png"])) == {"image/svg+xml", "text/plain"}


def test_ipython_shows_them(small: Path) -> None:
    formatters = pytest.importorskip("IPython.core.formatters", reason="IPython is not installed")
    formatter = formatters.DisplayFormatter()
    results = load(small)
    assert "image/svg+xml" in formatter.format(results.figure("final"))[0]
    assert formatter.format(results)[0]["text/html"] == results._repr_html_()


ASKED = [
    lambda results: results.curve(),
    lambda results: results.angle(),
    lambda results: results.seeds("loss", "train"),
]


def assert_same_content(pandas_frame: pd.DataFrame, polars_frame: Any) -> None:
    assert list(polars_frame.columns) == list(pandas_frame.columns)
    assert polars_frame.height == len(pandas_frame)
    for column in pandas_frame.columns:
        for left, right in zip(pandas_frame[column], polars_frame[column].to_list()):
            missing = pd.isna(left)
            assert missing == (right is None), column
            assert missing or (bits(left) == bits(right) if isinstance(left, float) else left == right), column


def test_polars_frames_have_the_same_content(small: Path, numbers: Path) -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    for path in (small, numbers):
        one, other = load(path), load(path, frames="polars")
        for attribute in TABLES.values():
            frame = getattr(one, attribute)
            if frame is None:
                assert getattr(other, attribute) is None
            else:
                assert_same_content(frame, getattr(other, attribute))
        for ask in ASKED:
            assert_same_content(ask(one), ask(other))
    metrics = load(small, frames="polars").metrics
    assert metrics["arm"].dtype == polars.Enum([row["arm"] for row in lines(small / "arms.csv")])
    assert load(small, frames="polars").predictions("backprop", 0).height == 80


def test_results_are_of_the_class_that_is_documented(small: Path) -> None:
    assert isinstance(load(small), Results)
    assert issubclass(ResultsError, ValueError)
