"""What the program asks of a rule's class."""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import platform
import textwrap
import traceback
from types import TracebackType
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np


class Bridge:
    """A rule's class as the program takes it in."""

    def __init__(self, cls: type) -> None:
        self.cls = cls
        self.name: str = cls.__dict__.get("name") or cls.__name__
        first_line = (inspect.getdoc(cls) or "").split("\n")[0]
        self.equation: str = cls.equation or first_line or "not stated"
        self.source: str = cls.source
        self.needs: Dict[str, Any] = {"like": cls.needs} if isinstance(cls.needs, str) else dict(cls.needs)
        self.predicts: bool = hasattr(cls, "predict")
        self.options: List[Tuple[str, str, Any]] = [_option(cls, field) for field in _fields(cls)]
        self.code: str = _digest(cls)
        self.depends_on: str = f"NumPy {np.__version__}, Python {platform.python_version()}, {platform.machine()}"

    @classmethod
    def of(cls, rule: Any) -> Bridge:
        """Of a class or an instance."""
        rule = rule if isinstance(rule, type) else type(rule)
        if not (callable(getattr(rule, "propose", None)) and hasattr(rule, "needs")):
            raise TypeError(f"{rule.__name__} is no rule: derive it from creditlab.Rule and define `propose`")
        return cls(rule)

    def start(self, values: Sequence[Any], setting: Any) -> Begun:
        """An instance with these options, in the order of `options`, and its state."""
        names = [name for name, _, _ in self.options]
        rule = self.cls(**dict(zip(names, values)))
        return Begun(rule, _arrays(self.name, rule.init(setting), setting.dtype))


class Begun:
    """A rule at the start of a run."""

    def __init__(self, rule: Any, state: Dict[str, np.ndarray]) -> None:
        self.rule = rule
        self.state = state
        self.adapts = callable(getattr(rule, "adapt", None))
        self.predicts = callable(getattr(rule, "predict", None))
        self.path: Optional[str] = rule.path if callable(getattr(rule, "feedback", None)) else None


def _fields(cls: type) -> Sequence[dataclasses.Field]:
    if dataclasses.is_dataclass(cls):
        return dataclasses.fields(cls)
    annotations = inspect.get_annotations(cls) if hasattr(inspect, "get_annotations") else cls.__dict__.get("__annotations__", {})
    if any("ClassVar" not in str(annotation) for annotation in annotations.values()):
        raise TypeError(f"{cls.__name__} has annotated fields and is no dataclass: put `@dataclass` above it")
    return ()


def _option(cls: type, field: dataclasses.Field) -> Tuple[str, str, Any]:
    if field.default is not dataclasses.MISSING:
        default = field.default
    elif field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    else:
        raise TypeError(f"the option `{field.name}` of {cls.__name__} needs a default")
    return field.name, str(field.metadata.get("meaning", "")), default


def _digest(cls: type) -> str:
    """Of its code, so that runs of other code are other runs. What it calls elsewhere is not in it."""
    bases = [base for base in cls.__mro__ if base is not object and not base.__module__.startswith("creditlab.")]
    code = "\n".join(_code(base) for base in bases)
    return hashlib.sha256(code.encode()).hexdigest()


def _code(cls: type) -> str:
    """The text of a class; of one that is in no file, such as a cell of a notebook, what can be told of its members."""
    try:
        return textwrap.dedent(inspect.getsource(cls))
    except (OSError, TypeError):
        members = ((name, member) for name, member in vars(cls).items() if not name.startswith("__"))
        return "\n".join(f"{name} {_member(member)}" for name, member in members)


def _member(member: Any) -> str:
    function = inspect.unwrap(member) if callable(member) else member
    if not inspect.isfunction(function):
        return repr(member)
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        code = function.__code__
        return f"{code.co_code.hex()} {code.co_consts!r} {code.co_names!r}"


def _arrays(name: str, state: Any, dtype: str) -> Dict[str, np.ndarray]:
    """The state as the program can save it: of its precision, column by column."""
    if not isinstance(state, dict):
        raise TypeError(f"`init` of {name} must return a dictionary of arrays, not {type(state).__name__}")
    arrays = {}
    for key, value in state.items():
        array = np.array(value, dtype=dtype, order="F", ndmin=1)
        if array.ndim > 2:
            raise TypeError(f"the state `{key}` of {name} has {array.ndim} axes; at most two can be saved")
        arrays[str(key)] = array
    return arrays


def stated(rule: Any) -> str:
    """A class or an instance as experiment files state it."""
    if isinstance(rule, type):
        return Bridge.of(rule).name
    bridge = Bridge.of(rule)
    options = [(name, getattr(rule, name)) for name, _, _ in bridge.options]
    return f"{bridge.name}({', '.join(f'{name}: {ron(value)}' for name, value in options)})"


def ron(value: Any) -> str:
    """A value of an option in the notation of experiment files."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(ron(item) for item in value)}]"
    raise TypeError(f"{value!r} cannot stand in an experiment file")


def generator(first: int, second: int) -> np.random.Generator:
    """A generator whose numbers follow from two numbers alone."""
    return np.random.Generator(np.random.Philox(key=[first, second]))


def tell(error: BaseException, raised: Optional[TracebackType]) -> str:
    """What was raised, and the line that raised it."""
    frames = traceback.extract_tb(raised)
    text = f"{type(error).__name__}: {error}"
    if not frames:
        return text if not isinstance(error, RuntimeError) else str(error)
    last = frames[-1]
    return f"{text} ({last.filename}, line {last.lineno}: {last.line})"
