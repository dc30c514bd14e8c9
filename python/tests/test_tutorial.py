"""Carry out the notebook as a reader would."""

from __future__ import annotations

from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "first.ipynb"


def test_the_notebook_runs_and_shows_what_it_says(tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat", reason="there is no nbformat to read notebooks with")
    nbclient = pytest.importorskip("nbclient", reason="there is no nbclient to carry notebooks out with")
    pytest.importorskip("ipykernel", reason="there is no kernel for notebooks")
    pytest.importorskip("matplotlib", reason="the notebook plots with matplotlib")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells), "outputs are not kept in the tree"
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    kinds = [set(output.get("data", {})) for output in shown]
    assert sum("text/html" in kind for kind in kinds) >= 4
    assert any("image/svg+xml" in kind or "image/png" in kind for kind in kinds)
    said = "".join(output.get("text", "") for output in shown if output.output_type == "stream")
    assert "6 runs: " in said and "9 runs: " in said
    assert "Warning" not in said, said
