"""Train a 3-4-2 tanh network by every optimizer, in NumPy alone, and write the weights after 25 steps.

    python tests/reference/optimizers.py > tests/reference/optimizers.txt

Each line is the optimizer as experiment files write it, a tab, then all weights and biases (for each layer the weights by
columns, then the biases), in 17 digits. Epochs have 3 batches of 4 samples in a fixed order; the loss is half the squared error,
summed over outputs, mean over the batch. The formulas are written from the papers, one array at a time, and share no code.
"""

import numpy as np

STEPS = 25
EPOCH = 3


def grid(rows, columns, shift):
    """Small numbers that both sides can write down."""
    i, j = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    return ((7 * i + 3 * j + shift) % 11 - 5) / 8.0


def start():
    return {
        "layer1.weight": grid(4, 3, 1),
        "layer1.bias": grid(4, 1, 2)[:, 0],
        "layer2.weight": grid(2, 4, 3),
        "layer2.bias": grid(2, 1, 4)[:, 0],
    }


X, Y = grid(3, 12, 5), 2 * grid(2, 12, 6)


def gradient(p, t):
    columns = slice(4 * (t % EPOCH), 4 * (t % EPOCH) + 4)
    x, y = X[:, columns], Y[:, columns]
    hidden = np.tanh(p["layer1.weight"] @ x + p["layer1.bias"][:, None])
    error = p["layer2.weight"] @ hidden + p["layer2.bias"][:, None] - y
    below = (p["layer2.weight"].T @ error) * (1 - hidden**2)
    return {
        "layer1.weight": below @ x.T / 4,
        "layer1.bias": below.mean(axis=1),
        "layer2.weight": error @ hidden.T / 4,
        "layer2.bias": error.mean(axis=1),
    }


def always(t):
    return 1.0


def no_decay(name):
    return 0.0


def on_weights(x):
    return lambda name: x if name.endswith("weight") else 0.0


class Sgd:
    """v <- m v + g; step rate v."""

    def __init__(self, momentum=0.0):
        self.momentum, self.v = momentum, 0.0

    def step(self, g, rate):
        self.v = self.momentum * self.v + g
        return rate * self.v


class HeavyBall(Sgd):
    """v <- m v + rate g; step v."""

    def step(self, g, rate):
        self.v = self.momentum * self.v + rate * g
        return self.v


class Nesterov(Sgd):
    """v <- m v + g; step rate (g + m v)."""

    def step(self, g, rate):
        self.v = self.momentum * self.v + g
        return rate * (g + self.momentum * self.v)


class RmsProp:
    def __init__(self, smoothing=0.99, outside=1e-8, inside=0.0):
        self.smoothing, self.outside, self.inside, self.s = smoothing, outside, inside, 0.0

    def step(self, g, rate):
        self.s = self.smoothing * self.s + (1 - self.smoothing) * g**2
        return rate * g / (np.sqrt(self.s + self.inside) + self.outside)


class Adam:
    def __init__(self, beta1=0.9, beta2=0.999, outside=1e-8, inside=0.0):
        self.beta1, self.beta2, self.outside, self.inside = beta1, beta2, outside, inside
        self.m, self.s, self.t = 0.0, 0.0, 0

    def step(self, g, rate):
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * g
        self.s = self.beta2 * self.s + (1 - self.beta2) * g**2
        mean, square = self.m / (1 - self.beta1**self.t), self.s / (1 - self.beta2**self.t)
        return rate * mean / (np.sqrt(square + self.inside) + self.outside)


def train(make, rate, decay=no_decay, decoupled=no_decay, l2=no_decay, schedule=always, clip=np.inf):
    p = start()
    optimizers = {name: make() for name in p}
    rate_of = rate if callable(rate) else lambda name: rate
    for t in range(STEPS):
        g = gradient(p, t)
        norm = np.sqrt(sum((array**2).sum() for array in g.values()))
        for name in p:
            r = rate_of(name) * schedule(t)
            u = g[name] * min(1.0, clip / norm) + l2(name) * p[name]
            keep = (1 - decay(name)) * (1 - r * decoupled(name))
            p[name] = keep * p[name] - optimizers[name].step(u, r)
    return p


def piecewise(t):
    return 1.0 if t < 6 else 0.5 if t < 14 else 0.05


def stairs(t):
    return 0.7 ** (t // EPOCH)


def cosine(t, over, to):
    return to + (1 - to) * (1 + np.cos(np.pi * t / over)) / 2 if t < over else to


def warm_up(t, over):
    return min(1.0, (t + 1) / over)


CASES = {
    "Sgd(learning_rate: 0.2)": train(Sgd, 0.2),
    "Sgd(learning_rate: 0.1, momentum: 0.8)": train(lambda: Sgd(0.8), 0.1),
    "Sgd(learning_rate: 0.2, decay: 0.01)": train(Sgd, 0.2, decay=on_weights(0.01)),
    "Sgd(learning_rate: 0.2, l2: 0.1)": train(Sgd, 0.2, l2=on_weights(0.1)),
    "Sgd(learning_rate: 0.1, momentum: 0.8, decay: 0.01, l2: 0.05)": train(
        lambda: Sgd(0.8), 0.1, decay=on_weights(0.01), l2=on_weights(0.05)
    ),
    "HeavyBall(learning_rate: 0.1, momentum: 0.8)": train(lambda: HeavyBall(0.8), 0.1),
    "HeavyBall(learning_rate: 0.1, momentum: 0.8, decay: 0.01, l2: 0.05, schedule: Exponential(every: Epochs(1), factor: 0.7))": train(
        lambda: HeavyBall(0.8), 0.1, decay=on_weights(0.01), l2=on_weights(0.05), schedule=stairs
    ),
    "Nesterov(learning_rate: 0.1, momentum: 0.8)": train(lambda: Nesterov(0.8), 0.1),
    "Nesterov(learning_rate: 0.1, momentum: 0.8, decay: 0.01, l2: 0.05)": train(
        lambda: Nesterov(0.8), 0.1, decay=on_weights(0.01), l2=on_weights(0.05)
    ),
    "RmsProp(learning_rate: 0.01)": train(RmsProp, 0.01),
    "RmsProp(learning_rate: 0.01, smoothing: 0.9, epsilon: Inside(0.01), decay: 0.01, l2: 0.05)": train(
        lambda: RmsProp(0.9, 0.0, 0.01), 0.01, decay=on_weights(0.01), l2=on_weights(0.05)
    ),
    "RmsProp(learning_rate: 0.01, smoothing: 0.9, epsilon: 0.01)": train(lambda: RmsProp(0.9, 0.01), 0.01),
    "Adam": train(Adam, 0.001),
    "Adam(learning_rate: 0.02, beta1: 0.8, beta2: 0.95, epsilon: Outside(0.01), l2: 0.05)": train(
        lambda: Adam(0.8, 0.95, 0.01), 0.02, l2=on_weights(0.05)
    ),
    "Adam(learning_rate: 0.02, epsilon: Inside(0.01))": train(lambda: Adam(0.9, 0.999, 0.0, 0.01), 0.02),
    "Adam(learning_rate: 0.02, beta1: 0, beta2: 0)": train(lambda: Adam(0.0, 0.0), 0.02),
    "AdamW(learning_rate: 0.02, decay: 0.5)": train(Adam, 0.02, decoupled=on_weights(0.5)),
    "AdamW(learning_rate: 0.02, decay: 0.5, schedule: Cosine(over: Steps(20), to: 0.1))": train(
        Adam, 0.02, decoupled=on_weights(0.5), schedule=lambda t: cosine(t, 20, 0.1)
    ),
    "Sgd(learning_rate: 0.2, schedule: Piecewise([(Epochs(2), 0.5), (Steps(14), 0.05)]))": train(
        Sgd, 0.2, schedule=piecewise
    ),
    "Sgd(learning_rate: 0.1, momentum: 0.8, schedule: Exponential(every: Epochs(1), factor: 0.7))": train(
        lambda: Sgd(0.8), 0.1, schedule=stairs
    ),
    "Adam(learning_rate: 0.02, schedule: [WarmUp(over: Steps(7)), Cosine(over: Epochs(6))])": train(
        Adam, 0.02, schedule=lambda t: warm_up(t, 7) * cosine(t, 18, 0.0)
    ),
    "Sgd(learning_rate: 0.2, l2: 0.05, clip: 0.3)": train(Sgd, 0.2, l2=on_weights(0.05), clip=0.3),
    "Sgd(learning_rate: 0.1, momentum: 0.8, decay: 0.01, clip: 0.3)": train(
        lambda: Sgd(0.8), 0.1, decay=on_weights(0.01), clip=0.3
    ),
    "HeavyBall(learning_rate: 0.1, momentum: 0.8, clip: 0.3)": train(lambda: HeavyBall(0.8), 0.1, clip=0.3),
    "Adam(learning_rate: 0.02, epsilon: 0.01, clip: 0.3)": train(lambda: Adam(outside=0.01), 0.02, clip=0.3),
    'Sgd(learning_rate: 0.2, groups: [(match: "*.bias", learning_rate: 0.05, decay: 0.02), (match: "layer2.*", l2: 0.1)], decay: 0.01)': train(
        Sgd,
        lambda name: 0.05 if name.endswith("bias") else 0.2,
        decay=lambda name: 0.02 if name.endswith("bias") else 0.01,
        l2=lambda name: 0.1 if name == "layer2.weight" else 0.0,
    ),
    'Sgd(learning_rate: 0.1, momentum: 0.8, groups: [(match: "layer1.*", learning_rate: 0, l2: 0.3), (match: "layer2.bias", l2: 0.2)])': train(
        lambda: Sgd(0.8),
        lambda name: 0.0 if name.startswith("layer1") else 0.1,
        l2=lambda name: {"layer1.weight": 0.3, "layer1.bias": 0.3, "layer2.bias": 0.2}.get(name, 0.0),
    ),
    'AdamW(learning_rate: 0.02, decay: 0.5, groups: [(match: "layer2.weight", learning_rate: 0.005, decay: 2)])': train(
        Adam,
        lambda name: 0.005 if name == "layer2.weight" else 0.02,
        decoupled=lambda name: {"layer1.weight": 0.5, "layer2.weight": 2.0}.get(name, 0.0),
    ),
    'Nesterov(learning_rate: 0.1, momentum: 0.8, groups: [(match: "*.bias", learning_rate: 0.02)], schedule: WarmUp(over: Epochs(4)), clip: 0.5)': train(
        lambda: Nesterov(0.8),
        lambda name: 0.02 if name.endswith("bias") else 0.1,
        schedule=lambda t: warm_up(t, 12),
        clip=0.5,
    ),
}

for text, parameters in CASES.items():
    numbers = np.concatenate([array.flatten(order="F") for array in parameters.values()])
    print(text, " ".join(f"{x:.17g}" for x in numbers), sep="\t")
