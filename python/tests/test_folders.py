"""Damage results, and see that it is told."""

from __future__ import annotations

import json
import shutil
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from cells import lines

from creditlab.results import ResultsError, load


def test_a_table_that_was_changed_is_told(copied: Path) -> None:
    path = copied / "summary.csv"
    whole = path.read_text(encoding="utf-8")
    rows = len(lines(path))
    load(copied)
    path.write_text(whole[: whole.rstrip("\n").rindex("\n") + 1], encoding="utf-8")
    with pytest.raises(
        ResultsError, match=f"summary.csv holds {rows - 1} in place of the {rows} rows .*run the experiment again"
    ):
        load(copied)
    path.write_text(whole.replace("0.", "1.", 1), encoding="utf-8")
    with pytest.raises(ResultsError, match="summary.csv is not the file that manifest.json tells of"):
        load(copied)
    path.unlink()
    with pytest.raises(ResultsError, match="summary.csv is missing"):
        load(copied)
    path.write_text(whole, encoding="utf-8")
    (copied / "comparisons.csv").unlink()  # which is made from the others
    assert load(copied).comparisons is None


def test_a_table_of_another_run_is_told(copied: Path) -> None:
    manifest = json.loads((copied / "manifest.json").read_text(encoding="utf-8"))
    del manifest["contents"]["tuning.csv"]
    (copied / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ResultsError, match="does not tell of tuning.csv, so it belongs to another run"):
        load(copied)


def test_a_table_that_changes_after_loading_is_told(copied: Path) -> None:
    results = load(copied)
    with (copied / "runs.csv").open("a", encoding="utf-8") as file:
        file.write("backprop,9,finished,,1,1.0,,,,,,,,,,,,,,\n")
    with pytest.raises(ResultsError, match="runs.csv has changed since the result was loaded; load it again"):
        results.runs  # noqa: B018


def test_what_is_no_result_is_told(small: Path, copied: Path, tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="nowhere does not exist; give the folder of one result"):
        load(tmp_path / "nowhere")
    with pytest.raises(ResultsError, match="runs.csv is no folder"):
        load(small / "runs.csv")
    with pytest.raises(ResultsError, match="since it has no manifest.json; give one of those in it, `copied`"):
        load(tmp_path)
    path = copied / "manifest.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ResultsError, match="manifest.json is damaged"):
        load(copied)
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ResultsError, match="was not written by creditlab"):
        load(copied)
    path.write_text('{"creditlab": "0.1.0", "state": "unfinished"}', encoding="utf-8")
    with pytest.raises(ResultsError, match="its runs have not all finished"):
        load(copied)


def test_links_are_refused(copied: Path, tmp_path: Path) -> None:
    path = copied / "metrics.csv"
    shutil.move(str(path), str(tmp_path / "metrics.csv"))
    try:
        path.symlink_to(tmp_path / "metrics.csv")
    except OSError:
        pytest.skip("this system makes no links")
    with pytest.raises(ResultsError, match="metrics.csv leads elsewhere"):
        load(copied)


def without_checksums(path: Path) -> None:
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    del manifest["contents"]
    (path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_results_without_checksums_are_read_with_a_warning(copied: Path, small: Path) -> None:
    without_checksums(copied)
    with pytest.warns(UserWarning, match="some of their rows may be missing"):
        results = load(copied)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pd.testing.assert_frame_equal(results.curve(), load(small).curve())


@pytest.mark.parametrize(
    ("name", "is_kept", "message"),
    [
        (
            "metrics.csv",
            lambda row: not row.startswith("backprop,3,8,"),
            "no value of arm `backprop`, seed 3, at its last step 8",
        ),
        (
            "runs.csv",
            lambda row: not row.startswith("backprop,3,"),
            "values of arm `backprop`, seed 3, and runs.csv has no such",
        ),
        ("runs.csv", lambda row: not row.startswith("tuned,"), "has an arm `tuned`, and runs.csv has no run of it"),
        ("arms.csv", lambda row: not row.startswith("tuned,"), "`tuned` is not known to the result"),
        ("runs.csv", lambda row: not row.startswith("arm,"), "the columns must begin with `arm,seed,status"),
    ],
)
def test_tables_without_checksums_are_set_against_each_other(
    copied: Path, name: str, is_kept: Any, message: str
) -> None:
    without_checksums(copied)
    rows = (copied / name).read_text(encoding="utf-8").splitlines(keepends=True)
    (copied / name).write_text("".join(filter(is_kept, rows)), encoding="utf-8")
    with pytest.warns(UserWarning), pytest.raises(ResultsError) as error:
        load(copied)
    assert message in str(error.value)


def test_a_cell_that_is_no_number_is_told(copied: Path) -> None:
    without_checksums(copied)
    path = copied / "runs.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("tuned,2,", "tuned,two,"), encoding="utf-8")
    with pytest.warns(UserWarning), pytest.raises(ResultsError, match="runs.csv: column `seed`: not every cell"):
        load(copied)


def test_the_warning_is_of_the_line_that_loads(copied: Path) -> None:
    without_checksums(copied)
    with pytest.warns(UserWarning) as told:
        load(copied)
    assert told[0].filename == __file__
