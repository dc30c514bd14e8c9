"""Read results: tables as data frames, curves over training, saved weights, figures.

    results = creditlab.load("results/quickstart")
    results.curve("accuracy")         # means over seeds with 95 % Student t intervals, epoch by epoch
    results.angle(layer="hidden")     # degrees between the updates of the rules and those of backpropagation
    results.weights("backprop", 0)    # arrays by name

What the tables and their columns mean stands in the README of the program, under "What a run leaves".
"""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Optional

import pandas as pd

from . import _figures, _html, _series, _tables, _weights
from ._errors import ResultsError, unknown
from ._figures import Figure
from ._folder import EXPERIMENT, ResultsFolder
from ._frames import require_polars, to_polars
from ._weights import Weights

if TYPE_CHECKING:
    from ._frames import Frame

__all__ = ["Figure", "Results", "ResultsError", "Weights", "load"]


def load(dir: "os.PathLike[str] | str", *, frames: str = "pandas") -> Results:
    """Opens the results folder of one experiment; `frames="polars"` gives polars frames in place of pandas ones.

    Every table is held to the SHA-256 in `manifest.json`, and read when it is asked for. Raises `ResultsError` where there are
    no results, where their runs have not all finished, and where a table was cut or changed. Results of versions that wrote no
    checksums are read with a warning.
    """
    return Results(dir, frames=frames)


class Results:
    """The results of one experiment, made by `load`."""

    def __init__(self, dir: "os.PathLike[str] | str", *, frames: str = "pandas") -> None:
        if frames not in ("pandas", "polars"):
            raise unknown("kind of frames", frames, ["pandas", "polars"])
        if frames == "polars":
            require_polars()
        self._is_polars = frames == "polars"
        self._folder = ResultsFolder(dir)
        self._read: Dict[str, Optional[pd.DataFrame]] = {}
        if self._folder.contents is None:
            _tables.check_each_other(
                self._folder, self._table("arms.csv"), self._table("runs.csv"), self._table("metrics.csv")
            )

    @property
    def path(self) -> Path:
        """The folder, as it was given."""
        return self._folder.path

    @property
    def name(self) -> str:
        """The name of the experiment."""
        found = re.search(r'^    name: "([^"]*)",$', self.spec, re.MULTILINE)
        return found.group(1) if found else self.path.resolve().name

    @property
    def manifest(self) -> Dict[str, Any]:
        """What `manifest.json` tells: versions, times, checksums."""
        return self._folder.manifest

    @cached_property
    def spec(self) -> str:
        """The text of `experiment.ron`: the experiment with every default written out."""
        content = self._folder.read(EXPERIMENT)
        return "" if content is None else content.decode("utf-8")

    @cached_property
    def arms(self) -> Frame:
        """One row an arm: its rule, its size, what a sample costs, and the settings in which arms differ."""
        return self._given(self._table("arms.csv"))

    @cached_property
    def runs(self) -> Frame:
        """One row a run: how it ended, its scores."""
        return self._given(self._table("runs.csv"))

    @cached_property
    def metrics(self) -> Frame:
        """Every measured value, one a row, those of diverged runs included."""
        return self._given(self._table("metrics.csv"))

    @cached_property
    def summary(self) -> Frame:
        """Statistics over the seeds at the end and at the lowest validation loss, each run at its own."""
        return self._given(self._table("summary.csv"))

    @cached_property
    def tuning(self) -> Optional[Frame]:
        """Every trial, where something was tuned; else None."""
        return self._given_if(self._optional("tuning.csv"))

    @cached_property
    def comparisons(self) -> Optional[Frame]:
        """Paired tests, where the experiment asks for them; else None."""
        return self._given_if(self._optional("comparisons.csv"))

    def curve(
        self,
        metric: str = "accuracy",
        split: Optional[str] = None,
        *,
        arm: Optional[str] = None,
        layer: Optional[str] = None,
        reference: Optional[str] = None,
        rule: Optional[str] = None,
        by: str = "epoch",
    ) -> Frame:
        """A metric along training: mean over seeds and its 95 % Student t interval, one row an arm and moment.

        Columns: arm, label, layer, reference, epoch, step, n, mean, sd, ci_low, ci_high. `layer` and `reference` are there where
        they are not asked for and the metric has them. One seed has no sd and no interval. As in the program's figures:

        - `split` is `test` where the metric was measured there, else `validation` or `train`, else the only one there is;
        - an arm speaks by its own rule, and scores are of the rule's own prediction where that counts (`prediction` in `arms`).
          With `rule` the rows are those of this rule, a shadow say, under the very name of the metric; `rule="none"` is what
          belongs to the network;
        - only finished runs are counted. Where runs of an arm end at different moments, `n` falls along the curve; at an end
          that all have in common it is the row of `summary` at `final`.

        Moments go by `epoch`, or by `step`; the other one is missing where seeds differ in it. `arm` is a slug or a label.
        """
        if by not in ("epoch", "step"):
            raise unknown("kind of moments", by, ["epoch", "step"])
        return self._given(_series.curve(self._answer(metric, split, arm, layer, reference, rule), by))

    def angle(self, layer: Optional[str] = None, reference: Optional[str] = None) -> Frame:
        """The angle in degrees between the update of each arm's rule and the reference's along training: the `curve` of
        `gradient_angle`, of all layers where none is asked for."""
        return self.curve("gradient_angle", layer=layer, reference=reference)

    def seeds(
        self,
        metric: str = "accuracy",
        split: Optional[str] = None,
        *,
        arm: Optional[str] = None,
        layer: Optional[str] = None,
        reference: Optional[str] = None,
        rule: Optional[str] = None,
    ) -> Frame:
        """The values that `curve` is the mean of, one row a run and moment.

        Columns: arm, label, layer, reference, seed, epoch, step, value; `layer` and `reference` as in `curve`.
        """
        return self._given(self._answer(metric, split, arm, layer, reference, rule).reset_index(drop=True))

    def weights(self, arm: str, seed: int, step: Optional[int] = None) -> Weights:
        """The arrays that a run left where `save` asks for weights, by name: after so many changes or, without a step, the last.

        Shapes are those of the README: `layer1.weight` is `[n, m]`, n units above m. The dictionary has a `description` too:
        the activations and the scaling of inputs, for instance.
        """
        return _weights.load(self._folder, _series.slug_of(arm, self._table("arms.csv")), seed, step)

    def predictions(self, arm: str, seed: int) -> Frame:
        """What a run predicts for every sample, where `save` asks for predictions: at, part, row, target, predicted, outputs."""
        table = self._optional("predictions.csv")
        if table is None:
            raise ResultsError(
                f"{self.path} holds no predictions; say `save: (predictions: [End])` in the experiment and run it again"
            )
        slug = _series.slug_of(arm, self._table("arms.csv"))
        of_arm = table[table["arm"] == slug]
        rows = of_arm[of_arm["seed"] == seed]
        if len(rows) == 0:
            raise unknown(f"seed with predictions of arm `{slug}` called", seed, of_arm["seed"].unique())
        return self._given(rows.reset_index(drop=True))

    def figure(self, name: str) -> Figure:
        """A figure that the program drew, such as `convergence`; a notebook shows it."""
        return _figures.load(self._folder, name)

    def __repr__(self) -> str:
        runs = self._table("runs.csv")
        arms, diverged = len(self._table("arms.csv")), int((runs["status"] == "diverged").sum())
        parts = [f"{arms} arm{'s' * (arms != 1)}", f"{len(runs)} run{'s' * (len(runs) != 1)}"]
        if diverged:
            parts.append(f"{diverged} of them diverged")
        return f"<results of {self.name}: {', '.join(parts)}, in {self.path}>"

    def _repr_html_(self) -> str:
        tables = (
            self._table("arms.csv"),
            self._table("runs.csv"),
            self._table("summary.csv"),
            self._optional("tuning.csv"),
        )
        return _html.page(self.name, *tables)

    def _answer(
        self,
        metric: str,
        split: Optional[str],
        arm: Optional[str],
        layer: Optional[str],
        reference: Optional[str],
        rule: Optional[str],
    ) -> pd.DataFrame:
        question = _series.Question(metric, split, arm, layer, reference, rule)
        tables = (self._table(name) for name in ("metrics.csv", "runs.csv", "arms.csv"))
        return _series.answer(question, *tables)

    def _given(self, frame: pd.DataFrame) -> Frame:
        """What the user gets: a frame of the kind asked for, whose columns can be changed without harm to what is kept here."""
        return to_polars(frame) if self._is_polars else frame.copy(deep=False)

    def _given_if(self, frame: Optional[pd.DataFrame]) -> Optional[Frame]:
        return None if frame is None else self._given(frame)

    def _table(self, name: str) -> pd.DataFrame:
        frame = self._optional(name)
        if frame is None:
            raise self._folder.unfit(f"{name} is missing")
        return frame

    def _optional(self, name: str) -> Optional[pd.DataFrame]:
        if name not in self._read:
            arms: Optional[List[str]] = None if name == "arms.csv" else list(self._table("arms.csv")["arm"])
            classes = self.manifest.get("classes")
            self._read[name] = _tables.read(self._folder, name, arms, classes if isinstance(classes, list) else None)
        return self._read[name]
