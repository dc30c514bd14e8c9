"""Read the cells of tables without pandas, and compare with them."""

from __future__ import annotations

import csv
import struct
from pathlib import Path
from typing import Any, Dict, List

import numpy as np
import pandas as pd

# Every table there can be, and what results call it.
TABLES = {
    "arms.csv": "arms",
    "runs.csv": "runs",
    "metrics.csv": "metrics",
    "summary.csv": "summary",
    "tuning.csv": "tuning",
    "comparisons.csv": "comparisons",
}


def lines(path: Path) -> List[Dict[str, str]]:
    """The cells of a table as they stand in the file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def bits(number: float) -> bytes:
    return struct.pack("<d", number)


def same(cell: Any, text: str) -> bool:
    """Whether a cell of a frame is what stands in the file."""
    if pd.isna(cell) or text == "":
        return bool(pd.isna(cell)) and text == ""
    if isinstance(cell, (bool, np.bool_)):
        return text == str(bool(cell)).lower()
    if isinstance(cell, (int, np.integer)):
        return int(cell) == int(text)
    if isinstance(cell, (float, np.floating)):
        return bits(float(cell)) == bits(float(text))
    return bool(cell == text)
