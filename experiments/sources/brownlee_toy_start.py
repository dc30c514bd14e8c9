"""Write the initial weights of brownlee_toy.ron: numbers that Python's `random` draws after `seed(1)`, the bias of a unit last."""

import json
import random
import struct

random.seed(1)
units = [[random.random() for _ in range(3)] for _ in range(4)]
arrays = {}
for layer, rows in (("layer1", units[:2]), ("layer2", units[2:])):
    arrays[f"{layer}.bias"] = [2], [row[2] for row in rows]
    arrays[f"{layer}.weight"] = [2, 2], [weight for row in rows for weight in row[:2]]

header, data = {}, b""
for name, (shape, values) in arrays.items():
    start = len(data)
    data += struct.pack(f"<{len(values)}d", *values)
    header[name] = {"dtype": "F64", "shape": shape, "data_offsets": [start, len(data)]}
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open("brownlee_toy_start.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
