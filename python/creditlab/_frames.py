"""Turn pandas frames of results into polars frames with the same content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

import numpy as np
import pandas as pd

from ._errors import ResultsError

if TYPE_CHECKING:
    import polars

    Frame = Union[pd.DataFrame, polars.DataFrame]


def to_polars(frame: pd.DataFrame) -> "polars.DataFrame":
    """The same columns in the same order: categories as `Enum`, what is missing as null."""
    import polars

    return polars.DataFrame([_series(str(name), column) for name, column in frame.items()])


def require_polars() -> Any:
    """The module polars, which is needed only where it is asked for."""
    try:
        import polars
    except ImportError:
        raise ResultsError("polars is not installed; install it, or leave out frames=") from None
    return polars


def _series(name: str, column: pd.Series) -> "polars.Series":
    import polars

    missing = column.isna().to_numpy()
    if isinstance(column.dtype, pd.CategoricalDtype):
        words = polars.Series([str(word) for word in column.cat.categories], dtype=polars.String)
        codes = polars.Series(column.cat.codes.to_numpy().astype(np.int64))
        codes = codes.set(polars.Series(missing), None)
        return words.gather(codes).cast(polars.Enum(words)).alias(name)
    if pd.api.types.is_bool_dtype(column.dtype):
        return polars.Series(name, column.to_numpy(dtype=bool))
    if pd.api.types.is_integer_dtype(column.dtype):
        kind = np.uint64 if column.dtype == np.uint64 else np.int64
        numbers = column.fillna(0).to_numpy(dtype=kind)
        return polars.Series(name, numbers).set(polars.Series(missing), None)
    if pd.api.types.is_float_dtype(column.dtype):
        return polars.Series(name, column.to_numpy(dtype=np.float64), nan_to_null=True)
    cells = [None if absent else str(cell) for cell, absent in zip(column, missing)]
    return polars.Series(name, cells, dtype=polars.String)
