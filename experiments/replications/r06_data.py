"""Write the data and the initial weights of `r06_deep_linear.ron`: run in this folder, with NumPy.

- `r06_x.npy`: six samples, the columns of sqrt(6) I, so that their second moment x x' / 6 is exactly I;
- `r06_y.npy`: their targets, with the input-output correlation y x' / 6 = U diag(s) V';
- `r06_start.safetensors`: `layer1.weight` = R diag(a) V' and `layer2.weight` = U diag(a) R', a = sqrt(1e-3); besides, which the
  program does not read, `modes.u`, `modes.v` and `modes.s`.

U, V and R are orthogonal: the factors of normal matrices.
"""

import json
import struct

import numpy as np

N = 6
STRENGTHS = np.array([3, 2.5, 2, 1.5, 1, 0.5])
START = np.sqrt(1e-3)


def orthogonal(random):
    return np.linalg.qr(random.normal(size=(N, N)))[0]


def save(name, arrays):
    header, data = {}, b""
    for key, array in arrays.items():
        values = np.ascontiguousarray(array, dtype="<f8").tobytes()
        header[key] = {"dtype": "F64", "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(name, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


random = np.random.default_rng(6)
u, v, r = (orthogonal(random) for _ in range(3))
x = np.sqrt(N) * np.eye(N)
np.save("r06_x.npy", np.ascontiguousarray(x))
# a row for each sample: the transpose of U diag(s) V' x
np.save("r06_y.npy", np.ascontiguousarray(x @ (v * STRENGTHS) @ u.T))
save(
    "r06_start.safetensors",
    {
        "layer1.weight": START * r @ v.T,
        "layer2.weight": START * u @ r.T,
        "modes.u": u,
        "modes.v": v,
        "modes.s": STRENGTHS,
    },
)
