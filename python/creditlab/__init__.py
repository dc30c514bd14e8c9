"""A laboratory for the credit-assignment problem: exact backpropagation beside biologically motivated learning rules.

>>> import creditlab
>>> results = creditlab.run({"task": "Xor", "network": [8], "stop": "Epochs(5)", "seeds": 2,
...                          "arms": ["Backprop", "FeedbackAlignment"]})
>>> results.curve("accuracy")

`run` carries out an experiment, `load` reads results, `Rule` is what a rule of your own is derived from, `check_rule` holds it to the laws of
all rules, and `cli` is the command line with your rules in it.
"""

from ._native import RuleError, RunError, Setting, SpecError, Step, __version__
from .results import Figure, Results, ResultsError, Weights, load
from .rules import Refused, Rule, Update, check_rule, option
from .run import cli, run

__all__ = [
    "Figure",
    "Refused",
    "Results",
    "ResultsError",
    "Rule",
    "RuleError",
    "RunError",
    "Setting",
    "SpecError",
    "Step",
    "Update",
    "Weights",
    "__version__",
    "check_rule",
    "cli",
    "load",
    "option",
    "run",
]
