"""Hold saved weights and predictions to what the program computes with them."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any, Dict

import numpy as np
import pytest
from cells import bits, lines, same

from creditlab import _weights
from creditlab.results import ResultsError, load

SCRIPT = "zz <script>alert(1)</script>"


def forward(weights: Dict[str, np.ndarray], inputs: np.ndarray) -> np.ndarray:
    """The outputs of a network with two hidden layers of tanh, samples in rows."""
    activity = inputs
    for layer in (1, 2, 3):
        activity = activity @ weights[f"layer{layer}.weight"].T + weights[f"layer{layer}.bias"]
        activity = np.tanh(activity) if layer < 3 else activity
    return activity


def test_a_pass_through_saved_weights_gives_predictions_and_accuracy(small: Path, table: Path) -> None:
    results = load(small)
    points = np.loadtxt(table, delimiter=",", skiprows=1, usecols=(0, 1))
    runs = results.runs.set_index(["arm", "seed"])
    for seed in range(4):
        weights = results.weights("backprop", seed)
        assert {name: array.shape for name, array in weights.items()} == {
            "layer1.weight": (8, 2),
            "layer1.bias": (8,),
            "layer2.weight": (6, 8),
            "layer2.bias": (6,),
            "layer3.weight": (2, 6),
            "layer3.bias": (2,),
        }
        assert weights.step == 8
        assert weights["layer1.weight"].dtype == np.float64
        assert weights.description is not None
        assert weights.description["activations"] == ["Tanh", "Tanh", "Identity"]
        predictions = results.predictions("backprop", seed)
        trained = predictions.loc[predictions["part"] == "train", "row"]
        mean, deviation = points[trained].mean(axis=0), points[trained].std(axis=0)
        outputs = forward(weights, (points[predictions["row"]] - mean) / deviation)
        written = predictions[["output(even)", "output(odd)"]].to_numpy()
        np.testing.assert_allclose(outputs, written, rtol=1e-9, atol=1e-9)
        is_test = (predictions["part"] == "test").to_numpy()
        guessed = np.array(["even", "odd"])[outputs.argmax(axis=1)]
        right = guessed[is_test] == predictions["target"][is_test].astype(str)
        assert right.mean() == pytest.approx(runs.loc[("backprop", seed), "final_test_accuracy"], abs=1e-15)
        # weights of another moment are another network
        before = forward(results.weights("backprop", seed, 0), (points[predictions["row"]] - mean) / deviation)
        assert np.abs(before - written).max() > 0.01


def test_weights_of_a_rule_are_beside_those_of_the_network(small: Path) -> None:
    weights = load(small).weights(SCRIPT, 2)
    assert weights["layer2.feedback"].shape == weights["layer2.weight"].shape
    weights["layer2.feedback"] += 1.0  # they can be written to


def encoded(header: Dict[str, Any], numbers: bytes) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + numbers


def test_arrays_are_read_row_by_row_in_their_precision() -> None:
    numbers = struct.pack("<6f", *range(6)) + struct.pack("<2d", 0.1, -0.0)
    header = {
        "__metadata__": {"creditlab": '{"step": 7}'},
        "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
        "b": {"dtype": "F64", "shape": [2], "data_offsets": [24, 40]},
    }
    weights = _weights.decode(encoded(header, numbers))
    assert weights.description == {"step": 7}
    assert weights["a"].dtype == np.float32
    np.testing.assert_array_equal(weights["a"], [[0, 1, 2], [3, 4, 5]])
    assert [bits(number) for number in weights["b"]] == [bits(0.1), bits(-0.0)]
    for offsets, kind in (([0, 20], "F32"), ([20, 44], "F32"), ([-24, 0], "F32"), ([0, 24], "I32")):
        damaged = {**header, "a": {"dtype": kind, "shape": [2, 3], "data_offsets": offsets}}
        with pytest.raises(ValueError):
            _weights.decode(encoded(damaged, numbers))


def test_a_damaged_file_of_weights_is_told(copied: Path) -> None:
    path = copied / "weights" / "backprop" / "0" / "step-8.safetensors"
    whole = path.read_bytes()
    for length in (0, 7, 100, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ResultsError, match="step-8.safetensors is damaged"):
            load(copied).weights("backprop", 0)
    path.write_bytes(whole)
    assert load(copied).weights("backprop", 0).step == 8


def test_what_was_not_saved_is_told_with_the_remedy(numbers: Path) -> None:
    results = load(numbers)
    with pytest.raises(ResultsError, match=r"say `save: \(weights: \[End\]\)`"):
        results.weights("1", 3)
    with pytest.raises(ResultsError, match=r"say `save: \(predictions: \[End\]\)`"):
        results.predictions("1", 3)


def test_predictions_are_those_of_the_file(small: Path) -> None:
    frame = load(small).predictions("ForwardForward", 1)
    rows = [row for row in lines(small / "predictions.csv") if (row["arm"], row["seed"]) == ("forward-forward", "1")]
    assert len(frame) == len(rows) == 80
    for column in frame.columns:
        assert all(same(cell, row[column]) for cell, row in zip(frame[column], rows)), column
    assert list(frame["target"].cat.categories) == ["even", "odd"]
