"""Experiments as dictionaries, in the notation of files."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Iterator, List, Mapping, Tuple

from ._bridge import ron, stated

#: Fields whose value is a text of the user's, whatever it looks like.
_TEXTS = {"name", "label", "to", "by", "description"}
#: `Backprop`, `Sgd(learning_rate: 0.1)`: the name of something, perhaps with its options.
_NAMED = re.compile(r"[A-Z][A-Za-z0-9]*\s*(\(.*\))?", re.DOTALL)


def text_of(spec: Any) -> Tuple[str, str]:
    """The name of the file and its text."""
    if isinstance(spec, Mapping):
        return "experiment.ron", value_of("", spec)
    text = os.fspath(spec)
    # no path has a bracket first, and every experiment has
    if isinstance(spec, str) and text.lstrip().startswith(("(", "//")):
        return "experiment.ron", text
    path = Path(text)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file; name an experiment file, or give its text or a dictionary of its fields")
    return str(path), path.read_text(encoding="utf-8")


def value_of(field: str, value: Any) -> str:
    """A value of a field as files have it."""
    if isinstance(value, Mapping):
        fields = (f"{name}: {value_of(name, inner)}" for name, inner in value.items())
        return f"({', '.join(fields)})"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(value_of(field, item) for item in value)}]"
    if isinstance(value, str) and field not in _TEXTS and _NAMED.fullmatch(value.strip()):
        return value.strip()
    if value is None:
        raise TypeError(f"`{field}` is None; leave the field out")
    if hasattr(value, "propose"):
        return stated(value)
    return ron(value)


def rules_in(spec: Any) -> List[Any]:
    """The rules in Python that a dictionary names by themselves."""

    def walk(value: Any) -> Iterator[Any]:
        if isinstance(value, Mapping):
            for inner in value.values():
                yield from walk(inner)
        elif isinstance(value, (list, tuple)):
            for inner in value:
                yield from walk(inner)
        elif hasattr(value, "propose"):
            yield value

    return list(walk(spec)) if isinstance(spec, Mapping) else []
