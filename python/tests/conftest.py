"""Make small results by running the program, once for all tests."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

# Points about the corners of a square, of which two opposite ones are a class: exclusive or, with inputs that tests know.
EXPERIMENT = """
(
    name: "small",
    task: Csv(path: "corners.csv", target: "class", kind: Classes),
    split: Random(validation: 0.2, test: 0.3, stratified: true),
    scale: (inputs: Standard),
    network: [8, 6],
    optimizer: Sgd(learning_rate: 0.2, momentum: 0.9),
    stop: Epochs(4),
    precision: F64,
    seeds: 4,
    tune: (seeds: 2),
    save: (weights: [Steps(0), Every(Epochs(2)), End], predictions: [End]),
    compare: (to: "backprop", metrics: ["accuracy"]),
    arms: [
        (label: "zz <script>alert(1)</script>", rule: FeedbackAlignment, shadows: [Backprop]),
        (label: "backprop", rule: Backprop),
        ForwardForward,
        (label: "tuned", rule: OutputOnly, optimizer: Sgd(learning_rate: Tune([0.03, 0.1]))),
        (label: "patient", rule: Backprop, stop: Early(patience: 1, at_most: Epochs(9)), measure: (every: Steps(3))),
        (label: "diverging", rule: Backprop, network: (hidden: [8, 6], activation: Relu), loss: HalfSquares,
         optimizer: Sgd(learning_rate: 1e300)),
    ],
)
"""

# Nothing tuned, compared or saved; names that are numbers, and seeds that are beyond the whole numbers of floats and of 63 bits.
NUMBERS = """
(
    name: "numbers",
    task: Xor(samples: 64, test: 32),
    network: [4],
    stop: Epochs(1),
    seeds: [3, 9007199254740993, 18446744073709551615],
    arms: [(label: "1", rule: Backprop), (label: "01", rule: OutputOnly)],
)
"""


def corners() -> str:
    """A table of 80 points."""
    lines = ["x,y,class"]
    for point in range(80):
        a, b = point % 2, point // 2 % 2
        shift = 0.01 * (point // 4)
        lines.append(f"{a + shift},{3 * b - shift},{'odd' if a != b else 'even'}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def program() -> str:
    """The program: what the variable CREDITLAB names, or `creditlab` on the path."""
    named = os.environ.get("CREDITLAB")
    found = shutil.which("creditlab") if named is None else named
    if found is None:
        reason = "there is no program to make results with: set CREDITLAB to its path, or put `creditlab` on the PATH"
        print(reason)
        pytest.skip(reason)
    return os.path.abspath(found)


def run(program: str, folder: Path, name: str, text: str, *options: str) -> Path:
    """Runs an experiment in a folder; the folder of its results."""
    (folder / f"{name}.ron").write_text(text, encoding="utf-8")
    command = [program, "run", f"{name}.ron", "--threads", "1", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return folder / "results" / name


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table that the small experiment learns."""
    path = tmp_path_factory.mktemp("experiments") / "corners.csv"
    path.write_text(corners(), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def small(program: str, table: Path) -> Path:
    """Results with all tables, weights and figures; not to be changed."""
    return run(program, table.parent, "small", EXPERIMENT)


@pytest.fixture(scope="session")
def numbers(program: str, table: Path) -> Path:
    """Results with no more tables than there must be; not to be changed."""
    return run(program, table.parent, "numbers", NUMBERS)


@pytest.fixture(scope="session")
def single(program: str, table: Path) -> Path:
    """Results of a single seed; not to be changed."""
    return run(program, table.parent, "single", NUMBERS.replace('"numbers"', '"single"'), "--seeds", "1")


@pytest.fixture()
def copied(small: Path, tmp_path: Path) -> Path:
    """A copy of the small results, to be changed."""
    return Path(shutil.copytree(small, tmp_path / "copied"))


@pytest.fixture(scope="session")
def readme_rule(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The rule that `README.md` shows, as a module; `code` is its text."""
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    code = re.search(r"<!-- rule begin -->\n```python\n(.*?)```", text, re.DOTALL).group(1)
    file = tmp_path_factory.mktemp("readme") / "readme_rule.py"
    file.write_text(code, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("readme_rule", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules["readme_rule"] = module
    spec.loader.exec_module(module)
    module.code = code
    return module
