"""Show results as a small table in notebooks."""

from __future__ import annotations

import html
from typing import List, Optional, Tuple

import pandas as pd

from ._series import metric_of

_SPLITS = ("test", "validation", "train")


def page(
    name: str, arms: pd.DataFrame, runs: pd.DataFrame, summary: pd.DataFrame, tuning: Optional[pd.DataFrame]
) -> str:
    """The arms with their final score, mean and half the width of its 95 % interval, and how their runs ended."""
    score = _score(arms, summary)
    title = "final score" if score is None else f"final {score[1]} {score[0]}{' (%)' if score[0] == 'accuracy' else ''}"
    tuned = None if tuning is None else set(tuning["arm"])
    lines = []
    for arm, label, rule, prediction in zip(arms["arm"], arms["label"], arms["rule"], arms["prediction"]):
        mark = " (untuned)" if tuned is not None and arm not in tuned else ""
        status = runs.loc[runs["arm"] == arm, "status"]
        value = "" if score is None else _value(_row(summary, arm, rule, prediction, *score), score[0])
        counts = [str(int((status == each).sum())) for each in ("finished", "diverged")]
        cells = "".join(f'<td style="text-align: right">{html.escape(text)}</td>' for text in (value, *counts))
        lines.append(f'<tr><td style="text-align: left">{html.escape(f"{label}{mark}")}</td>{cells}</tr>')
    heads = "".join(f"<th>{html.escape(text)}</th>" for text in ("arm", title, "n", "diverged"))
    return f"<div><b>{html.escape(name)}</b><table><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"


def _row(summary: pd.DataFrame, arm: str, rule: str, prediction: str, metric: str, split: str) -> pd.DataFrame:
    """The row of `summary.csv` that speaks for an arm at the end of training, if there is one."""
    return summary[
        (summary["at"] == "final")
        & (summary["arm"] == arm)
        & (summary["metric"] == metric_of(metric, prediction))
        & (summary["split"] == split)
        & ((summary["rule"] == "none") | (summary["rule"] == rule))
    ]


def _score(arms: pd.DataFrame, summary: pd.DataFrame) -> Optional[Tuple[str, str]]:
    """The score to report, and on which part of the data: accuracy, or else loss, on the first part that has it."""
    speakers: List[Tuple[str, str, str]] = list(zip(arms["arm"], arms["rule"], arms["prediction"]))
    pairs = [(metric, split) for metric in ("accuracy", "loss") for split in _SPLITS]
    return next((pair for pair in pairs if any(len(_row(summary, *speaker, *pair)) for speaker in speakers)), None)


def _value(row: pd.DataFrame, metric: str) -> str:
    """The mean, and after ± half the width of its interval where there is one."""
    if len(row) == 0:
        return ""
    factor, digits = (100.0, ".2f") if metric == "accuracy" else (1.0, ".4g")
    mean, low, high = (factor * float(row[column].iloc[0]) for column in ("mean", "ci_low", "ci_high"))
    half = (high - low) / 2
    return f"{mean:{digits}}" if pd.isna(half) else f"{mean:{digits}} ± {half:{digits}}"
