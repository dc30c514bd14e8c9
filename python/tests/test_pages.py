"""Carry out what pages of the book show in Python, in a process of its own as a reader would."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page: str) -> list[str]:
    """The Python blocks of a page, in order."""
    found = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"{page} shows nothing in Python"
    return found


def carry_out(code: str, folder: Path) -> str:
    """Runs a script in a folder; what it printed."""
    (folder / "page.py").write_text(code, encoding="utf-8")
    done = subprocess.run([sys.executable, "page.py"], cwd=folder, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_rule_of_the_page_runs_is_compared_and_keeps_the_laws(tmp_path: Path) -> None:
    shown = "\n".join(blocks("how-to/own-rule-in-python.md"))
    said = carry_out(shown + "\nprint(results.arms['arm'].tolist())\n", tmp_path)
    assert "twice-the-gain" in said and "signs-only" in said
    assert (tmp_path / "results" / "mine" / "metrics.csv").is_file()


def test_the_line_for_pandas_prints_the_angle_epoch_by_epoch(program: str, tmp_path: Path) -> None:
    for arguments in (["init"], ["run", "first.ron", "--quiet", "--no-figures", "--seeds", "2"]):
        subprocess.run([program, *arguments], cwd=tmp_path, check=True, capture_output=True)
    (line,) = blocks("reference/results.md")
    said = carry_out(line, tmp_path)
    assert "feedback-alignment" in said and len(said.splitlines()) == 2 + 11, said


def test_a_page_that_does_not_work_is_found_out(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="NameError"):
        carry_out("results.angle()", tmp_path)
