"""Learning rules written in Python."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, Dict, List, Mapping, Optional, Tuple, Type, Union

import numpy as np

from . import _native
from ._bridge import Bridge, stated


@dataclasses.dataclass(frozen=True)
class Update:
    """An update of a layer as arrays, in the sign of a gradient and already a mean over the batch."""

    weight: np.ndarray
    #: ``n x 1``; none where the biases stay as they are.
    bias: Optional[np.ndarray] = None


#: What a rule proposes for a layer: nothing; the error of its units, ``units x batch``, which is paired with the activity below; ``post`` and
#: ``pre``, whose outer products are summed over columns; or arrays.
LayerProposal = Union[None, np.ndarray, Tuple[np.ndarray, np.ndarray], Update]


class Refused(ValueError):
    """What a rule raises in ``init`` to refuse an experiment: the option at fault, or ``""``, what is wrong, and what to do about it."""

    def __init__(self, option: str, reason: str, remedy: str) -> None:
        super().__init__(f"`{option}` {reason}; {remedy}" if option else f"{reason}; {remedy}")
        self.option, self.reason, self.remedy = option, reason, remedy


def option(default: Any, meaning: str) -> Any:
    """An option of a rule, as a field of its dataclass: its default, and what ``creditlab rules`` says of it."""
    metadata = {"meaning": meaning}
    if isinstance(default, list):
        return dataclasses.field(default_factory=lambda: list(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


class Rule:
    """A learning rule. Derive a dataclass from it, whose fields are the options that experiment files can state.

    An instance is made for each run. Layers are numbered from 0 and samples are columns. What it learns is its state, arrays by name, which
    the program saves and restores; anything that an instance remembers otherwise is lost when a run goes on from a checkpoint, and
    ``check_rule`` says so.
    """

    #: What experiment files call it; the name of the class where it is left out.
    name: ClassVar[str] = ""
    #: The paper.
    source: ClassVar[str] = "unpublished"
    #: Its update in words and symbols; the first line of the documentation where it is left out.
    equation: ClassVar[str] = ""
    #: Its row of the table of plausibility: the name of one that is known (``"output"``, ``"labels"``, ``"sweep"``, ``"feedback"``,
    #: ``"broadcast"``, ``"states"``, ``"second_pass"``, ``"perturbation"``), or ``{"like": name, ..}`` with entries that differ. ``check_rule``
    #: holds it to them.
    needs: ClassVar[Union[str, Mapping[str, Any]]] = "sweep"
    #: Where the arrays lead that ``feedback`` shows: ``"sequential"`` or ``"direct"``.
    path: ClassVar[str] = "sequential"

    def init(self, setting: _native.Setting) -> Dict[str, np.ndarray]:
        """The state at the start, arrays with at most two axes by name. Raises ``Refused`` where the rule cannot work."""
        return {}

    def propose(self, state: Dict[str, np.ndarray], step: _native.Step) -> List[LayerProposal]:
        """An entry for each layer, in the sign of the gradient of the loss summed over samples. It must not change the state."""
        raise NotImplementedError

    # Not defined here, so that the program knows who has them:
    #
    # def adapt(self, state, step): changes the arrays of the state in place, after the weights have changed.
    # def feedback(self, state, layer): the feedback weights of a layer, in the shape of `W_l` or `n_l x n_out`; `None` for none.
    # def predict(self, state, step): what goes into the output units, `n_out x batch`, where it is not the forward pass.


def check_rule(rule: Union[Type[Rule], Rule]) -> str:
    """Holds a rule to the laws that the program relies on, such as: it can be saved after any step, measuring moves no byte, it needs what it
    says. Returns the report; raises ``AssertionError`` with all that was violated."""
    report, violated = _native.check_rule(stated(rule), [Bridge.of(rule)])
    if violated:
        raise AssertionError("\n".join(violated))
    return report
