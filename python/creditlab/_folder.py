"""Recognise a results folder by its manifest, and hand out only files that are those it tells of."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import warnings
from pathlib import Path
from typing import Any, Dict, List, Optional

from ._errors import ResultsError, listed

MANIFEST = "manifest.json"
EXPERIMENT = "experiment.ron"
COMPARISONS = "comparisons.csv"
TABLES = (
    "arms.csv",
    "runs.csv",
    "metrics.csv",
    "summary.csv",
    "tuning.csv",
    COMPARISONS,
    "predictions.csv",
)

_RUN_AGAIN = "run the experiment again, which takes its finished runs from this folder"
_GIVE = "give the folder of one result, such as results/quickstart"
_PIECE = 1 << 20


class ResultsFolder:
    """The files of one result. Links inside the folder are refused, as the program does."""

    def __init__(self, path: "os.PathLike[str] | str") -> None:
        self.path = Path(path)
        if not self.path.is_dir():
            what = "is no folder" if self.path.exists() else "does not exist"
            raise ResultsError(f"{self.path} {what}; {_GIVE}")
        self.manifest = self._manifest()
        if self.manifest.get("state") == "unfinished":
            raise self.unfit("its runs have not all finished, so it has no tables yet")
        contents = self.manifest.get("contents")
        self.contents: Optional[Dict[str, Dict[str, Any]]] = contents if isinstance(contents, dict) else None
        self._check()

    def unfit(self, problem: str) -> ResultsError:
        """The error about tables that are not whole or do not belong together."""
        return ResultsError(f"{self.path}: {problem}; {_RUN_AGAIN}")

    def file(self, name: str) -> Optional[Path]:
        """The path of a plain file, with `/` between folders; None where there is none."""
        path = self._walk(name)
        if not path.exists():
            return None
        if not path.is_file():
            raise ResultsError(f"{path} is no plain file; remove it, or give another folder")
        return path

    def entries(self, name: str) -> List[str]:
        """The names in a folder, sorted; none where there is no such folder."""
        path = self._walk(name)
        return sorted(entry.name for entry in path.iterdir()) if path.is_dir() else []

    def read(self, name: str) -> Optional[bytes]:
        """The bytes of a file; None where there is none. Those of a table are the ones that the manifest tells of, whatever
        became of the file since the folder was loaded."""
        path = self.file(name)
        if path is None:
            return None
        content = path.read_bytes()
        told = (self.contents or {}).get(name)
        if told is not None and hashlib.sha256(content).hexdigest() != told.get("sha256"):
            raise ResultsError(f"{path} has changed since the result was loaded; load it again")
        return content

    def _walk(self, name: str) -> Path:
        """The path of a name that leads through no link and not out of the folder."""
        path = self.path
        for step in name.split("/"):
            path = path / step
            if step in ("", ".", "..") or path.is_symlink():
                raise ResultsError(
                    f"{path} leads elsewhere; nothing is read through it: remove it, or give another folder"
                )
        return path

    def _manifest(self) -> Dict[str, Any]:
        path = self.file(MANIFEST)
        if path is None:
            inside = [each.name for each in sorted(self.path.iterdir()) if (each / MANIFEST).is_file()]
            hint = f"give one of those in it, {listed(inside)}" if inside else _GIVE
            raise ResultsError(f"{self.path} holds no results, since it has no {MANIFEST}; {hint}")
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            raise self.unfit(f"{MANIFEST} is damaged") from None
        if not isinstance(manifest, dict) or not isinstance(manifest.get("creditlab"), str):
            raise ResultsError(f"{path} was not written by creditlab; {_GIVE}")
        return manifest

    def _check(self) -> None:
        """Holds every table to its SHA-256, by the rule of the program's `report` and `compare`."""
        if self.contents is None:
            warnings.warn(
                f"{self.path}: no {MANIFEST} tells what its tables were when they were written, so some of their rows may be "
                "missing; run the experiment again to know",
                stacklevel=5,
            )
            return
        for name, told in self.contents.items():
            path = self.file(name)
            if path is not None:
                self._check_file(name, path, told)
            elif name != COMPARISONS:  # which is made from the others
                raise self.unfit(f"{name} is missing")
        for name in (*TABLES, EXPERIMENT):
            if name not in self.contents and self.file(name) is not None:
                raise self.unfit(f"{MANIFEST} does not tell of {name}, so it belongs to another run")

    def _check_file(self, name: str, path: Path, told: Dict[str, Any]) -> None:
        if _sha256(path) == told.get("sha256"):
            return
        then, now = told.get("rows"), _rows(path)
        if then is not None and then != now:
            problem = f"{name} holds {now} in place of the {then} rows that {MANIFEST} tells of: it was cut or changed"
        else:
            problem = f"{name} is not the file that {MANIFEST} tells of: it was changed"
        raise self.unfit(f"{problem}, or a run was stopped while it wrote its tables")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while True:
            piece = file.read(_PIECE)
            if not piece:
                return digest.hexdigest()
            digest.update(piece)


def _rows(path: Path) -> int:
    """Rows below the header of a table that may be damaged."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return max(sum(1 for row in csv.reader(file) if row) - 1, 0)
