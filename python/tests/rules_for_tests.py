"""Rules that tests run."""

from dataclasses import dataclass

import numpy as np

import creditlab


@dataclass
class MyBackprop(creditlab.Rule):
    """delta_l = (W_{l+1}' delta_{l+1}) o f'(z_l)"""

    needs = "sweep"

    def propose(self, state, step):
        deltas = [None] * (step.depth - 1) + [step.output_delta()]
        for l in reversed(range(step.depth - 1)):
            deltas[l] = step.slope(l) * (step.weight(l + 1).T @ deltas[l + 1])
        return deltas


@dataclass
class MyKolenPollack(creditlab.Rule):
    """delta_l = (B_{l+1}' delta_{l+1}) o f'(z_l); B goes through the changes of W"""

    needs = "feedback"
    decay: float = creditlab.option(0.0, "Share of B that is lost in a step.")

    def init(self, setting):
        if not 0.0 <= self.decay < 1.0:
            raise creditlab.Refused("decay", "must be in [0, 1)", "leave it out for 0")
        return {f"layer{l + 1}.feedback": b for l, b in setting.feedback().items()}

    def propose(self, state, step):
        deltas = [None] * (step.depth - 1) + [step.output_delta()]
        for l in reversed(range(step.depth - 1)):
            deltas[l] = step.slope(l) * (state[f"layer{l + 2}.feedback"].T @ deltas[l + 1])
        return deltas

    def adapt(self, state, step):
        for l in range(1, step.depth):
            b = state[f"layer{l + 1}.feedback"]
            b[:] = (1.0 - self.decay) * step.follow(l, b)

    def feedback(self, state, layer):
        return state.get(f"layer{layer + 1}.feedback")


@dataclass
class MyNoise(creditlab.Rule):
    """a random direction for the output layer, as pairs; the others stay"""

    needs = {"like": "output", "draws": True, "signed_errors": False, "slope": False}

    def propose(self, state, step):
        top = step.depth - 1
        post = step.random.standard_normal((step.targets.shape[0], 3))
        pre = step.random.standard_normal((step.below(top).shape[0], 3))
        return [None] * top + [(post, pre)]


@dataclass
class MyArrays(creditlab.Rule):
    """backpropagation for the output layer alone, as arrays"""

    needs = "output"

    def propose(self, state, step):
        top, delta = step.depth - 1, step.output_delta()
        bias = delta.mean(axis=1, keepdims=True)
        return [None] * top + [creditlab.Update(delta @ step.below(top).T / step.batch, bias)]


@dataclass
class MyFaulty(creditlab.Rule):
    """a rule that makes a mistake, `how`, at a step"""

    how: str = "raise"
    at: int = 5

    def init(self, setting):
        return {"steps": np.zeros(1)}

    def adapt(self, state, step):
        state["steps"] += 1
        if self.how == "replace":
            state["steps"] = np.zeros((2, 2, 2))

    def propose(self, state, step):
        deltas = MyBackprop().propose(state, step)
        if np.max(state["steps"]) < self.at:
            return deltas
        if self.how == "raise":
            raise ArithmeticError("it rains")
        if self.how == "keep":
            self.kept = step.weight(0)
        if self.how == "use later":
            self.step = getattr(self, "step", None) or step
            self.step.weight(0)
        if self.how == "write":
            step.weight(0)[:] = 0
        if self.how == "shape":
            deltas[0] = deltas[0][:-1]
        if self.how == "length":
            return deltas[:-1]
        if self.how == "kind":
            return tuple(deltas)
        if self.how == "layer":
            step.z(7)
        return deltas
