"""Choose the rows of `metrics.csv` that answer a question, and bring them into curves over training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

import numpy as np
import pandas as pd

from ._errors import ResultsError, listed, unknown
from ._statistics import moments

# Scores of predictions, of which a rule that predicts in its own way has one of its own: `own_accuracy`.
_SCORES = {"loss", "accuracy", "balanced_accuracy", "class_accuracy", "top_accuracy", "r2"}
_OWN = "own_"
# The part of the data to report first, first.
_SPLITS = ("test", "validation", "train")
_NONE = "none"
# The code of no category.
_ABSENT = -2


@dataclass(frozen=True)
class Question:
    """Which values are meant. What is None is left open; see `Results.curve`."""

    metric: str
    split: Optional[str] = None
    arm: Optional[str] = None
    layer: Optional[str] = None
    reference: Optional[str] = None
    rule: Optional[str] = None


def metric_of(asked: str, prediction: str) -> str:
    """What tables call a metric for an arm of this prediction: a score is of the rule's own one where that counts."""
    is_score = asked.split("(")[0] in _SCORES
    return _OWN + asked if prediction == "own" and is_score else asked


def slug_of(arm: str, arms: pd.DataFrame) -> str:
    """The slug of an arm that is called by its slug or by its label."""
    slugs: List[str] = list(arms["arm"])
    labels = list(arms["label"])
    if arm in slugs:
        return arm
    if arm in labels:
        return slugs[labels.index(arm)]
    raise unknown("arm", arm, slugs)


def answer(question: Question, metrics: pd.DataFrame, runs: pd.DataFrame, arms: pd.DataFrame) -> pd.DataFrame:
    """The rows of finished runs that answer a question, in file order.

    Columns: arm, label, layer and reference where these are left open and the metric has them, seed, epoch, step, value.
    """
    rows = _speaking(question, metrics, arms)
    open_columns: List[str] = []
    rows = _on(rows, "split", question.split or _usual_split(rows), question)
    for column, name in (("layer", question.layer), ("reference", question.reference)):
        if name is not None:
            rows = _on(rows, column, name, question)
        elif (rows[column] != _NONE).any():
            open_columns.append(column)
    if question.arm is not None:
        rows = _of_arm(rows, slug_of(question.arm, arms), question)
    finished = runs.loc[runs["status"] == "finished", ["arm", "seed"]]
    # numbers of 63 and of 64 bits would meet as floats
    rows = rows.astype({"seed": finished["seed"].dtype}).merge(finished, on=["arm", "seed"], how="inner")
    rows = rows.assign(label=rows["arm"].cat.rename_categories(list(arms["label"])))
    return rows[["arm", "label", *open_columns, "seed", "epoch", "step", "value"]]


def curve(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """The statistics over seeds at each moment of an `answer`. Of `epoch` and `step` the one that moments do not go by is missing
    where it differs between seeds."""
    keys = [column for column in rows.columns if column not in ("label", "seed", "epoch", "step", "value")] + [by]
    group, first = _groups(rows, keys)
    found = moments(rows["value"].to_numpy(), group, len(first))
    frame = rows.iloc[first].drop(columns=["seed", "value"]).reset_index(drop=True)
    other = "step" if by == "epoch" else "epoch"
    agrees = np.ones(len(first), dtype=bool)
    agrees[group[rows[other].to_numpy() != frame[other].to_numpy()[group]]] = False
    frame["step"] = frame["step"].astype("Int64")
    frame[other] = frame[other].where(agrees)
    for name, values in found._asdict().items():
        frame[name] = values
    # a mean that is too large for a number is absent, as in summary.csv
    return frame[frame["mean"].notna()].reset_index(drop=True)


def _groups(rows: pd.DataFrame, keys: List[str]) -> Tuple[np.ndarray, np.ndarray]:
    """For each row the number of its group, and for each group, in the order of the keys, its first row."""
    codes = [
        rows[key].cat.codes.to_numpy() if isinstance(rows[key].dtype, pd.CategoricalDtype) else rows[key].to_numpy()
        for key in keys
    ]
    order = np.lexsort(codes[::-1])  # which keeps the order of rows in a group
    begins = np.zeros(len(rows), dtype=bool)
    begins[:1] = True
    for code in codes:
        in_order = code[order]
        begins[1:] |= in_order[1:] != in_order[:-1]
    group = np.empty(len(rows), dtype=np.intp)
    group[order] = np.cumsum(begins) - 1
    return group, order[begins]


def _speaking(question: Question, metrics: pd.DataFrame, arms: pd.DataFrame) -> pd.DataFrame:
    """The rows of a metric that speak for the arms: of their own rule and of the prediction that counts; or, where a rule is
    asked for, those of this rule as the table calls metrics."""
    asked, names, rules = question.metric, _places(metrics["metric"]), _places(metrics["rule"])
    known = sorted({*names, *(name[len(_OWN) :] for name in names if name.startswith(_OWN))})
    if asked not in known:
        raise unknown("metric", asked, known)
    of_metric = metrics[metrics["metric"] == asked]
    if question.rule is not None:
        return _on(of_metric, "rule", question.rule, question)
    wanted = np.array([names.get(metric_of(asked, prediction), _ABSENT) for prediction in arms["prediction"]])
    own_rule = np.array([rules.get(rule, _ABSENT) for rule in arms["rule"]])
    arm, metric, rule = (metrics[column].cat.codes.to_numpy() for column in ("arm", "metric", "rule"))
    speaks = (metric == wanted[arm]) & ((rule == rules.get(_NONE, _ABSENT)) | (rule == own_rule[arm]))
    if not speaks.any():
        others = listed(sorted(of_metric["rule"].unique()))
        raise ResultsError(f"no arm's own rule has `{asked}`; it is there with `rule` as {others}")
    return metrics[speaks]


def _places(column: pd.Series) -> Dict[str, int]:
    """The code of each category."""
    return {category: code for code, category in enumerate(column.cat.categories)}


def _usual_split(rows: pd.DataFrame) -> str:
    found = list(rows["split"].unique())
    return next((split for split in _SPLITS if split in found), found[0])


def _on(rows: pd.DataFrame, column: str, name: str, question: Question) -> pd.DataFrame:
    chosen = rows[rows[column] == name]
    if len(chosen) == 0:
        raise unknown(f"{column} of `{question.metric}` called", name, _words(rows[column]))
    return chosen


def _words(column: pd.Series) -> List[str]:
    """The categories that occur, in their order."""
    places = _places(column)
    return sorted(column.unique(), key=lambda word: places[word])


def _of_arm(rows: pd.DataFrame, arm: str, question: Question) -> pd.DataFrame:
    chosen = rows[rows["arm"] == arm]
    if len(chosen) == 0:
        others = listed(_words(rows["arm"]))
        raise ResultsError(f"the arm `{arm}` has no such values of `{question.metric}`; arms that have some: {others}")
    return chosen
