"""Read saved weights: named arrays in safetensors files, with what must be known to use them."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Dict, List, Optional

import numpy as np

from ._errors import ResultsError, unknown
from ._folder import ResultsFolder

_TYPES: Dict[str, "np.dtype[Any]"] = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8")}


class Weights(Dict[str, np.ndarray]):
    """The arrays of one run at one moment by name: `weights["layer1.weight"]` is `n x m`, from the m units below to the n units.

    `step` is after how many changes they stood. `description` is what the file says of the network, None where it says nothing:
    `activations` from the input up, `scale` as fitted on the run's training part, `outputs`, and so on.
    """

    step: int
    description: Optional[Dict[str, Any]]


def load(folder: ResultsFolder, arm: str, seed: int, step: Optional[int]) -> Weights:
    """The weights of a run after so many changes, the last ones where that is None."""
    steps = _steps(folder, arm, seed)
    if step is not None and step not in steps:
        raise unknown(f"saved step of arm `{arm}`, seed {seed}:", step, steps)
    chosen = max(steps) if step is None else step
    name = f"weights/{arm}/{seed}/step-{chosen}.safetensors"
    content = folder.read(name)
    if content is None:
        raise ResultsError(f"{folder.path / name} is gone; run the experiment again to have it written")
    try:
        weights = decode(content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ResultsError(
            f"{folder.path / name} is damaged: {error}; run the experiment again with --fresh"
        ) from error
    weights.step = chosen
    return weights


def _steps(folder: ResultsFolder, arm: str, seed: int) -> List[int]:
    if not folder.entries("weights"):
        raise ResultsError(
            f"{folder.path} holds no weights; say `save: (weights: [End])` in the experiment and run it again"
        )
    seeds = sorted(int(name) for name in folder.entries(f"weights/{arm}") if name.isdigit())
    if not seeds:
        raise unknown("arm with saved weights called", arm, folder.entries("weights"))
    if seed not in seeds:
        raise unknown(f"saved seed of arm `{arm}`:", seed, seeds)
    found = (re.fullmatch(r"step-([0-9]+)\.safetensors", name) for name in folder.entries(f"weights/{arm}/{seed}"))
    steps = sorted(int(match.group(1)) for match in found if match)
    if not steps:
        raise ResultsError(
            f"{folder.path}/weights/{arm}/{seed} holds no weights; run the experiment again to have them written"
        )
    return steps


def decode(content: bytes) -> Weights:
    """The arrays of a safetensors file: eight bytes that say how long the header is, the header in JSON, the numbers.

    Numbers lie row by row, the first axis slowest, and are read as they are, in single or double precision.
    """
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or len(content) - 8 < length:
        raise ValueError("it ends within its header")
    header = json.loads(content[8 : 8 + length].decode("utf-8"))
    numbers = content[8 + length :]
    text = header.pop("__metadata__", {}).get("creditlab")
    weights = Weights()
    weights.description = None if text is None else json.loads(text)
    for name in sorted(header):
        weights[name] = _array(name, header[name], numbers)
    if sum(array.nbytes for array in weights.values()) != len(numbers):
        raise ValueError("it has more or fewer numbers than its header tells of")
    return weights


def _array(name: str, told: Dict[str, Any], numbers: bytes) -> np.ndarray:
    kind, shape, (begin, end) = told["dtype"], told["shape"], told["data_offsets"]
    if kind not in _TYPES:
        raise ValueError(f"`{name}` is of the type {kind}, not F32 or F64")
    if not 0 <= begin <= end <= len(numbers) or end - begin != math.prod(shape) * _TYPES[kind].itemsize:
        raise ValueError(f"`{name}` does not lie where its header says")
    # a copy: what a file holds cannot be written to
    return np.frombuffer(numbers[begin:end], dtype=_TYPES[kind]).reshape(shape).copy()
