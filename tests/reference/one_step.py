"""Compute one step of gradient descent by several rules, independently of the crate, for `tests/reference_steps.rs`.

Written from the equations alone, with NumPy and Python's own `math.erf`, in double precision. Run in this folder, it writes

- `start.safetensors`: the network 4-3-3-2 (`layer1.weight`, [out, in], `layer1.bias`, ..), fixed feedback weights
  (`layer2.feedback`, ..), direct ones (`layer1.direct_feedback`, [n_1, n_out], ..), inputs `x`, [samples, 4], and the targets of
  each loss, [samples, 2];
- `<Rule>.safetensors`: for every hidden activation and loss an array `<Activation>.<Loss>`: all weights (row by row) and biases
  after the step, layer by layer; for Kolen-Pollack also `<Activation>.<Loss>.feedback`, all feedback weights after it.

The logistic cross-entropy comes twice, with targets between 0 and 1 and, as `LogisticCrossEntropyOfClasses`, with the targets of the
cross-entropy.

The output layer has the activation of the hidden layers, but logistic units under the logistic cross-entropy. The step:
`W <- (1 - decay) W - rate dC/dW`, `b <- b - rate dC/db`, `C` being the mean over the samples.
"""

import json
import math
import struct

import numpy as np

SIZES = [4, 3, 3, 2]
SAMPLES = 3
RATE = 0.1
DECAY = 0.01


def logistic(z):
    return 1 / (1 + np.exp(-z))


# name: (function, derivative), both of z
ACTIVATIONS = {
    "Identity": (lambda z: z, np.ones_like),
    "Logistic": (logistic, lambda z: logistic(z) * (1 - logistic(z))),
    "Tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "Relu": (lambda z: np.maximum(z, 0), lambda z: 1.0 * (z > 0)),
    "LeakyRelu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1, 0.01)),
    "Softplus": (lambda z: np.log1p(np.exp(z)), logistic),
    "HardTanh": (lambda z: np.clip(z, -1, 1), lambda z: 1.0 * (np.abs(z) < 1)),
    "HardLogistic": (lambda z: np.clip(z / 4 + 0.5, 0, 1), lambda z: 0.25 * (np.abs(z) < 2)),
    "Erf": (np.vectorize(lambda z: math.erf(z / math.sqrt(2))), lambda z: math.sqrt(2 / math.pi) * np.exp(-z**2 / 2)),
}


def softmax(a):
    powers = np.exp(a - a.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


# name: derivative of the loss of each sample by the prediction a, given the target y
LOSSES = {
    "HalfSquares": lambda a, y: a - y,
    "Squares": lambda a, y: 2 * (a - y),
    "CrossEntropy": lambda a, y: softmax(a) - y,
    "LogisticCrossEntropy": lambda a, y: (a - y) / (a * (1 - a)),
    "LogisticCrossEntropyOfClasses": lambda a, y: (a - y) / (a * (1 - a)),
}


def deltas(rule, start, activations, z, a, y, loss):
    """dC/dz of every layer, one row for each sample, or what the rule puts in its place."""
    top = len(SIZES) - 2
    delta = [None] * (top + 1)
    delta[top] = LOSSES[loss](a[top + 1], y) * ACTIVATIONS[activations[top]][1](z[top])
    for l in reversed(range(top)):
        forward = start[f"layer{l + 2}.weight"]
        if rule == "DirectFeedbackAlignment":
            carried = delta[top] @ start[f"layer{l + 1}.direct_feedback"].T
        else:
            n_out, n_in = forward.shape
            back = {
                "Backprop": forward,
                "FeedbackAlignment": start[f"layer{l + 2}.feedback"],
                "KolenPollack": start[f"layer{l + 2}.feedback"],
                "SignSymmetry": np.sign(forward) * math.sqrt(2 / (n_in + n_out)),
            }[rule]
            carried = delta[l + 1] @ back
        delta[l] = carried * ACTIVATIONS[activations[l]][1](z[l])
    return delta


def step(rule, start, activation, loss):
    layers = len(SIZES) - 1
    output = "Logistic" if loss.startswith("LogisticCrossEntropy") else activation
    activations = [activation] * (layers - 1) + [output]
    z, a = [], [start["x"]]
    for l in range(layers):
        z.append(a[l] @ start[f"layer{l + 1}.weight"].T + start[f"layer{l + 1}.bias"])
        a.append(ACTIVATIONS[activations[l]][0](z[l]))
    delta = deltas(rule, start, activations, z, a, start[loss], loss)
    weights, feedback = [], []
    for l in range(layers):
        gradient = delta[l].T @ a[l] / SAMPLES
        weights.append(((1 - DECAY) * start[f"layer{l + 1}.weight"] - RATE * gradient).ravel())
        weights.append(start[f"layer{l + 1}.bias"] - RATE * delta[l].mean(axis=0))
        if l > 0:
            feedback.append(((1 - DECAY) * start[f"layer{l + 1}.feedback"] - RATE * gradient).ravel())
    return np.concatenate(weights), np.concatenate(feedback)


def save(name, arrays):
    header, data = {}, b""
    for key, array in arrays.items():
        values = np.ascontiguousarray(array, dtype="<f8").tobytes()
        header[key] = {"dtype": "F64", "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(f"{name}.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def main():
    random = np.random.default_rng(1)
    start = {}
    for l, (n_in, n_out) in enumerate(zip(SIZES, SIZES[1:]), start=1):
        start[f"layer{l}.weight"] = random.normal(size=(n_out, n_in))
        start[f"layer{l}.bias"] = random.normal(size=n_out)
        if l > 1:
            start[f"layer{l}.feedback"] = random.normal(size=(n_out, n_in))
        if l < len(SIZES) - 1:
            start[f"layer{l}.direct_feedback"] = random.normal(size=(n_out, SIZES[-1]))
    start["x"] = random.normal(size=(SAMPLES, SIZES[0]))
    values = random.normal(size=(SAMPLES, SIZES[-1]))
    start["HalfSquares"] = start["Squares"] = values
    start["CrossEntropy"] = np.eye(SIZES[-1])[random.integers(SIZES[-1], size=SAMPLES)]
    start["LogisticCrossEntropy"] = logistic(values)
    start["LogisticCrossEntropyOfClasses"] = start["CrossEntropy"]
    save("start", start)
    for rule in ["Backprop", "FeedbackAlignment", "DirectFeedbackAlignment", "KolenPollack", "SignSymmetry"]:
        after = {}
        for activation in ACTIVATIONS:
            for loss in LOSSES:
                weights, feedback = step(rule, start, activation, loss)
                after[f"{activation}.{loss}"] = weights
                if rule == "KolenPollack":
                    after[f"{activation}.{loss}.feedback"] = feedback
        save(rule, after)


main()
