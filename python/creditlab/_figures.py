"""Show the figures of a result in notebooks."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, Dict, Optional

from ._errors import ResultsError, unknown
from ._folder import ResultsFolder

_FOLDER = "figures"


class Figure:
    """A figure that the program drew; a notebook shows it. `path` is the SVG file, `caption` what it shows."""

    def __init__(self, name: str, path: Path, caption: str, png: Optional[bytes]) -> None:
        self.name = name
        self.path = path
        self.caption = caption
        self._png = png

    def __repr__(self) -> str:
        return f"<figure {self.name}: {self.path}>"

    def _repr_svg_(self) -> str:
        return self.path.read_text(encoding="utf-8")

    def _repr_png_(self) -> Optional[bytes]:
        return self._png

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Dict[str, str]:
        shown = {"image/svg+xml": self._repr_svg_(), "text/plain": self.caption or repr(self)}
        if self._png is not None:
            shown["image/png"] = base64.b64encode(self._png).decode("ascii")
        wanted = set(shown if include is None else include) - set(exclude or ())
        return {kind: content for kind, content in shown.items() if kind in wanted}


def load(folder: ResultsFolder, name: str) -> Figure:
    """The figure of this name."""
    names = sorted(entry[: -len(".svg")] for entry in folder.entries(_FOLDER) if entry.endswith(".svg"))
    if not names:
        raise ResultsError(f"{folder.path} holds no figures; `creditlab report {folder.path}` draws them")
    if name not in names:
        raise unknown("figure", name, names)
    path = folder.file(f"{_FOLDER}/{name}.svg")
    if path is None:
        raise unknown("figure", name, names)
    caption = folder.read(f"{_FOLDER}/{name}.txt")
    text = "" if caption is None else caption.decode("utf-8").strip()
    return Figure(name, path, text, folder.read(f"{_FOLDER}/{name}.png"))
