"""Read the tables of a result into pandas: numbers to the bit, text as categories in the order of the program."""

from __future__ import annotations

import io
import math
import re
from typing import Any, Dict, Iterable, List, Optional, Tuple

import numpy as np
import pandas as pd

from ._errors import ResultsError
from ._folder import ResultsFolder

# Kinds of columns: free text; text that recurs; a whole number; one that may be absent; a number; true or false.
TEXT, CATEGORY, WHOLE, WHOLE_OR_ABSENT, NUMBER, TRUTH = range(6)


def _columns(kinds: Iterable[Tuple[int, str]]) -> Dict[str, int]:
    return {name: kind for kind, names in kinds for name in names.split(",")}


_SCORES = ",".join(
    f"{when}_{part}_{score}"
    for when in ("final", "best")
    for part in ("train", "validation", "test")
    for score in ("loss", "accuracy")
)

# The columns of each table, in order; what later versions add follows them.
COLUMNS: Dict[str, Dict[str, int]] = {
    "arms.csv": _columns(
        [
            (CATEGORY, "arm"),
            (TEXT, "label"),
            (CATEGORY, "rule,prediction"),
            (WHOLE_OR_ABSENT, "parameters"),
            (NUMBER, "multiply_adds_per_sample,forward_passes_per_sample,random_numbers_per_sample,state_per_weight"),
        ]
    ),
    "runs.csv": _columns(
        [
            (CATEGORY, "arm"),
            (WHOLE, "seed"),
            (CATEGORY, "status"),
            (WHOLE_OR_ABSENT, "diverged_step"),
            (WHOLE, "steps"),
            (NUMBER, "epochs"),
            (WHOLE_OR_ABSENT, "best_step,multiply_adds"),
            (NUMBER, _SCORES),
        ]
    ),
    "metrics.csv": _columns(
        [
            (CATEGORY, "arm"),
            (WHOLE, "seed,step"),
            (NUMBER, "epoch"),
            (CATEGORY, "split,metric,rule,layer,reference"),
            (NUMBER, "value"),
        ]
    ),
    "summary.csv": _columns(
        [
            (CATEGORY, "arm,metric,split,rule,layer,reference,at"),
            (WHOLE, "n,diverged"),
            (NUMBER, "mean,sd,ci_low,ci_high"),
            (CATEGORY, "interval"),
            (NUMBER, "median,min,max"),
        ]
    ),
    "tuning.csv": _columns(
        [
            (CATEGORY, "arm"),
            (WHOLE, "trial"),
            (CATEGORY, "path,setting"),
            (WHOLE, "seed"),
            (CATEGORY, "metric,split"),
            (NUMBER, "value"),
            (TRUTH, "chosen"),
        ]
    ),
    "comparisons.csv": _columns(
        [
            (CATEGORY, "arm,to,metric,split,at"),
            (WHOLE, "n"),
            (NUMBER, "mean_difference,ci_low,ci_high"),
            (CATEGORY, "test"),
            (NUMBER, "p,p_holm"),
            (WHOLE, "family_size"),
            (NUMBER, "cohen_dz"),
        ]
    ),
    "predictions.csv": _columns([(CATEGORY, "arm"), (WHOLE, "seed"), (CATEGORY, "at,part"), (WHOLE, "row")]),
}

# Words that come before others, in this order, whatever the alphabet says.
_FIRST = {
    "split": ("test", "validation", "train"),
    "part": ("test", "validation", "train"),
    "status": ("finished", "diverged"),
    "at": ("final", "best_validation"),
}
# From pandas 3.1 on numbers are read to the bit, and asking for it is deprecated.
_TO_THE_BIT: Dict[str, Any] = (
    {"float_precision": "round_trip"} if tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1) else {}
)
# What these types are in `read_csv`. Whole numbers are left to it: seeds may need all 64 bits.
_TYPES = {TEXT: str, CATEGORY: "category", WHOLE_OR_ABSENT: str, NUMBER: np.float64, TRUTH: bool}


def read(
    folder: ResultsFolder, name: str, arms: Optional[List[str]] = None, classes: Optional[List[str]] = None
) -> Optional[pd.DataFrame]:
    """The table of this name, its arms and classes in the order given; None where there is no such file.

    A cell that is empty is missing; the word `none` is text. Columns of `arms.csv` beyond those known are settings: whole
    numbers or numbers where all their cells are, else text. `predictions.csv` has targets and predictions, which are classes or
    numbers, and outputs.
    """
    content = folder.read(name)
    if content is None:
        return None
    path = folder.path / name
    try:
        header = list(_parse(content, {}, nrows=0).columns)
        known = COLUMNS[name]
        if header[: len(known)] != list(known):
            raise ValueError(f"the columns must begin with `{','.join(known)}`")
        kinds = dict(known)
        if name == "predictions.csv":
            kinds.update({column: NUMBER for column in header[len(known) :]})
            if classes is not None:
                kinds.update(target=CATEGORY, predicted=CATEGORY)
        types = {column: _TYPES.get(kinds.get(column, TEXT)) for column in header}
        frame = _parse(content, {column: kind for column, kind in types.items() if kind is not None})
        # some versions of pandas take categories that are called `1` and `01` for numbers
        mistaken = [column for column, kind in kinds.items() if kind == CATEGORY and not _are_words(frame[column])]
        if mistaken:
            frame[mistaken] = _parse(content, {column: str for column in mistaken}, usecols=mistaken)[mistaken]
        for column in header:
            frame[column] = _finish(frame[column], kinds.get(column), arms, classes)
    except (ValueError, OverflowError) as error:
        raise ResultsError(f"{path}: {error}; restore the file or let `creditlab run` write it again") from error
    return frame


def _parse(content: bytes, types: Dict[str, Any], **which: Any) -> pd.DataFrame:
    return pd.read_csv(
        io.BytesIO(content),
        dtype=types,
        keep_default_na=False,
        na_values=[""],
        low_memory=False,
        encoding="utf-8",
        **_TO_THE_BIT,
        **which,
    )


def _are_words(column: pd.Series) -> bool:
    return all(isinstance(category, str) for category in column.cat.categories)


def _finish(
    column: pd.Series, kind: Optional[int], arms: Optional[List[str]], classes: Optional[List[str]]
) -> pd.Series:
    if kind == CATEGORY:
        orders = {"arm": arms, "to": arms, "target": classes, "predicted": classes}
        return _in_order(column, orders.get(str(column.name)))
    if kind == WHOLE:
        if len(column) and not pd.api.types.is_integer_dtype(column.dtype):
            raise ValueError(f"column `{column.name}`: not every cell is a whole number")
        return column if len(column) else column.astype(np.int64)
    if kind == WHOLE_OR_ABSENT:
        return _whole(column)
    return column if kind is not None else _as_told(column)


def _in_order(column: pd.Series, order: Optional[List[str]]) -> pd.Series:
    """The categories of a column in the order given, or else in that of the program."""
    column = column.astype("category")
    words = list(column.cat.categories)
    if order is not None:
        strange = sorted(set(words) - set(order))
        if strange:
            raise ValueError(f"column `{column.name}`: `{strange[0]}` is not known to the result")
    elif column.name in ("arm", "setting"):
        order = list(column.dropna().unique())  # as they come
    elif column.name == "layer":
        order = sorted(words, key=layer_order)
    else:
        first = [word for word in _FIRST.get(str(column.name), ()) if word in words]
        order = first + sorted(set(words) - set(first))
    return column.cat.set_categories(order)


def layer_order(layer: str) -> Tuple[int, int, str]:
    """`none`, the layers by number, `hidden`, `all`: the order of layers in the program's tables."""
    number = re.fullmatch(r"layer([0-9]+)", layer)
    if number:
        return (1, int(number.group(1)), "")
    return ({"none": 0, "hidden": 2, "all": 3}.get(layer, 4), 0, layer)


def _whole(column: pd.Series) -> pd.Series:
    """Whole numbers, some absent, without a way through floats, which would cost digits."""
    return pd.Series(pd.array([pd.NA if pd.isna(cell) else int(cell) for cell in column], dtype="Int64"), column.index)


def _as_told(column: pd.Series) -> pd.Series:
    """Text of a column that is not known beforehand, as numbers where all its cells are."""
    cells = column.dropna()
    if len(cells) and cells.str.fullmatch(r"-?[0-9]+").all():
        return _whole(column)
    if len(cells) and cells.str.fullmatch(r"-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?").all():
        return pd.Series([math.nan if pd.isna(cell) else float(cell) for cell in column], column.index)
    return column


def check_each_other(folder: ResultsFolder, arms: pd.DataFrame, runs: pd.DataFrame, metrics: pd.DataFrame) -> None:
    """Sets tables without checksums against each other: every arm has runs, every run values, and every finished run those of
    its last step."""
    without = [arm for arm in arms["arm"] if not (runs["arm"] == arm).any()]
    if without:
        raise folder.unfit(f"arms.csv has an arm `{without[0]}`, and runs.csv has no run of it")
    keys = ["arm", "seed"]
    last = metrics.groupby(keys, observed=True)["step"].max().rename("last").reset_index()
    found = last.merge(runs[[*keys, "steps", "status"]], on=keys, how="outer")
    strange = found[found["status"].isna()]
    if len(strange):
        arm, seed = strange.iloc[0][keys]
        raise folder.unfit(f"metrics.csv has values of arm `{arm}`, seed {seed}, and runs.csv has no such run")
    cut = found[(found["status"] == "finished") & ~(found["last"] >= found["steps"])]
    if len(cut):
        arm, seed, steps = cut.iloc[0][[*keys, "steps"]]
        raise folder.unfit(
            f"metrics.csv has no value of arm `{arm}`, seed {seed}, at its last step {int(steps)}, and runs.csv says that it "
            "finished: metrics.csv was cut"
        )
