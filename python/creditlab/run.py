"""Carry out experiments."""

from __future__ import annotations

import os
import sys
import time
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Iterable, List, Mapping, Optional, Sequence, TextIO, Union

from . import _native
from ._bridge import Bridge
from ._spec import rules_in, text_of, value_of
from .results import Results, load

#: An experiment: the path of a file, its text, or a dictionary of its fields.
Spec = Union[str, "os.PathLike[str]", Mapping[str, Any]]


def run(
    spec: Spec,
    *,
    rules: Iterable[Any] = (),
    seeds: Union[int, Sequence[int], None] = None,
    set: Optional[Mapping[str, Any]] = None,  # noqa: A002 - as the command line calls it
    threads: Optional[int] = None,
    out: Union[str, "os.PathLike[str]"] = "results",
    data: Union[str, "os.PathLike[str]", None] = None,
    fresh: bool = False,
    figures: bool = True,
    progress: bool = True,
) -> Results:
    """Carries out an experiment, or what is missing of it, and returns its results.

    ``spec`` is the path of a file, the text of one, or a dictionary of its fields: ``{"task": "Digits", "network": [30], "seeds": 5, "arms":
    ["Backprop", MyRule(gain=0.5)]}``. In a dictionary a text such as ``"Sgd(learning_rate: 0.1)"`` states what has a name, and a rule stands
    for itself. ``rules`` are classes that a file names. ``seeds`` is their number or a list, ``set`` replaces values by their paths,
    ``{"optimizer.learning_rate": 0.05}``. Results go to a folder in ``out`` that is called as the experiment is; there the same call
    continues with what is missing.

    Other Python threads go on meanwhile. An interruption (Ctrl-C) ends the runs tidily and raises ``KeyboardInterrupt``; what was finished is
    kept. Raises ``SpecError`` for a mistake, with its line and column; ``RuleError`` if a rule in Python raised something, which ends that run
    alone: the others are kept; ``RunError`` for the rest.
    """
    bridges = [Bridge.of(rule) for rule in _each_once([*rules, *rules_in(spec)])]
    file, text = text_of(spec)
    changes = [(path, value_of(path.rsplit(".", 1)[-1], value)) for path, value in (set or {}).items()]
    changed = SimpleNamespace(file=file, text=text, set=changes, seeds=_seeds(seeds))
    means = SimpleNamespace(
        out=Path(out), data=None if data is None else Path(data), threads=threads, fresh=fresh, figures=figures
    )
    watch = Progress(sys.stderr) if progress else Silence()
    return load(_native.run(changed, means, bridges, watch))


def cli(arguments: Sequence[str], rules: Iterable[Any] = ()) -> int:
    """The command line with rules in Python: ``cli(["verify", "results/mine"], rules=[MyRule])``. Prints as the program does; returns its
    exit status."""
    sys.stdout.flush()
    sys.stderr.flush()
    return _native.cli(["creditlab", *map(str, arguments)], [Bridge.of(rule) for rule in rules])


def _each_once(rules: Iterable[Any]) -> List[type]:
    classes = (rule if isinstance(rule, type) else type(rule) for rule in rules)
    return list(dict.fromkeys(classes))


def _seeds(seeds: Union[int, Sequence[int], None]) -> Optional[List[int]]:
    if seeds is None:
        return None
    return list(range(seeds)) if isinstance(seeds, int) else [int(seed) for seed in seeds]


class Silence:
    """Says warnings alone."""

    def begins(self, tuning: bool, runs: int, kept: int, steps: int) -> None:
        """Runs are about to be carried out."""

    def steps(self, done: int) -> None:
        """So many steps of them have been taken."""

    def warns(self, text: str) -> None:
        """Something should be known."""
        # the line that called `run`
        warnings.warn(text, stacklevel=3)

    def ends(self) -> None:
        """They are over."""


class Progress(Silence):
    """Keeps a line up to date, in a terminal and in a notebook."""

    def __init__(self, to: TextIO) -> None:
        self.to = to
        self.what, self.total, self.began, self.length = "", 0, 0.0, 0

    def begins(self, tuning: bool, runs: int, kept: int, steps: int) -> None:
        kind = "trial runs" if tuning else "runs"
        self.what = f"{runs - kept} of {runs} {kind}" if kept else f"{runs} {kind}"
        self.total, self.began = steps, time.monotonic()

    def steps(self, done: int) -> None:
        if not self.total:
            return
        share, taken = done / self.total, time.monotonic() - self.began
        left = f", about {_duration(taken * (1 - share) / share)} left" if 0.02 < share < 1 else ""
        self._write(f"{self.what}: {100 * share:.0f} %{left}")

    def ends(self) -> None:
        if self.total:
            self._write(f"{self.what}: {_duration(time.monotonic() - self.began)}")
            self.to.write("\n")
            self.total = self.length = 0

    def _write(self, line: str) -> None:
        # blanks cover what is left of a longer line
        self.to.write("\r" + line.ljust(self.length))
        self.to.flush()
        self.length = len(line)


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
