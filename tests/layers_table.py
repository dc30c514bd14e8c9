"""Print a result as a table: each arm's test accuracy, and the angle of its update to the gradient, layer by layer.

`python3 tests/layers_table.py results/families_convolution`
"""
import csv
import pathlib
import sys


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def cell(summary, metric, layer, split, factor, digits):
    for row in summary:
        if (row["metric"], row["layer"], row["split"], row["at"]) == (metric, layer, split, "final"):
            low, high = (f"{factor * float(row[end]):.{digits}f}" for end in ("ci_low", "ci_high"))
            return f"{factor * float(row['mean']):.{digits}f} [{low}, {high}]"
    return None


folder = pathlib.Path(sys.argv[1])
summary = rows(folder / "summary.csv")
layers = sorted({row["layer"] for row in summary if row["layer"].startswith("layer")})
print(f"| rule | test accuracy (%) | {' | '.join(f'angle, {layer}' for layer in layers)} |")
print("|---" * (2 + len(layers)) + "|")
for arm in rows(folder / "arms.csv"):
    of_arm = [row for row in summary if row["arm"] == arm["arm"]]
    own = cell(of_arm, "own_accuracy", "none", "test", 100, 1)
    accuracy = f"{own}, its own" if own else cell(of_arm, "accuracy", "none", "test", 100, 1)
    against = [row for row in of_arm if row["reference"] == "Backprop"]
    angles = [cell(against, "gradient_angle", layer, "probe", 1, 0) or "–" for layer in layers]
    print(f"| `{arm['label']}` | {accuracy} | {' | '.join(angles)} |")
