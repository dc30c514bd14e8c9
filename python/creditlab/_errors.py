"""Say what is wrong with results, and what helps."""

from __future__ import annotations

import difflib
from typing import Iterable

# Of a longer list only so many names are told.
_MOST_NAMES = 40


class ResultsError(ValueError):
    """What cannot be had from a results folder: which file or name, why, and the remedy."""


def unknown(kind: str, name: object, known: Iterable[object]) -> ResultsError:
    """The error about a name that does not exist: the nearest one that does, and all of them."""
    names = [str(each) for each in known]
    if not names:
        return ResultsError(f"there is no {kind} `{name}`, and none at all")
    nearest = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    hint = f"; did you mean `{nearest[0]}`?" if nearest else "."
    return ResultsError(f"there is no {kind} `{name}`{hint} There {'is' if len(names) == 1 else 'are'} {listed(names)}")


def listed(names: Iterable[object]) -> str:
    """Names as a list in a sentence: `` `a`, `b` and `c` ``; of many the first and the number of the others."""
    quoted = [f"`{name}`" for name in names]
    others = len(quoted) - _MOST_NAMES
    if others > 1:
        quoted = quoted[:_MOST_NAMES] + [f"{others} more"]
    return " and ".join(", ".join(part) for part in (quoted[:-1], quoted[-1:]) if part)
