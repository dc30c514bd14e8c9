"""Print a result as a table: each arm's test accuracy, the angle of its update to the gradient, its cost and how far it settled.

`python3 tests/families_table.py results/families hidden` has the angle of all hidden layers together; `.. layers` that of each layer.
"""
import csv
import pathlib
import sys


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def number(value, digits):
    # what rounds to zero has no sign
    return f"{round(value, digits) + 0.0:.{digits}f}"


def cell(summary, metric, layer, split, factor, digits):
    for row in summary:
        if (row["metric"], row["layer"], row["split"], row["at"]) == (metric, layer, split, "final"):
            mean = number(factor * float(row["mean"]), digits)
            if not row["ci_low"]:
                return mean
            low, high = (number(factor * float(row[end]), digits) for end in ("ci_low", "ci_high"))
            return f"{mean} [{low}, {high}]"
    return None


def residual(summary):
    """The largest of the layers' means, as a power of ten."""
    means = [float(row["mean"]) for row in summary if row["metric"] == "residual" and row["at"] == "final"]
    return f"{max(means):.0e}" if means else ""


folder, which = pathlib.Path(sys.argv[1]), sys.argv[2]
summary, arms = rows(folder / "summary.csv"), rows(folder / "arms.csv")
layers = sorted({row["layer"] for row in summary if row["layer"].startswith("layer")})
layers = {"hidden": ["hidden"], "layers": layers}[which]
angles_of = ["angle" if layer == "hidden" else f"angle, {layer}" for layer in layers]
print(f"| rule | test accuracy (%) | {' | '.join(angles_of)} | multiply-adds | residual |")
print("|---" * (4 + len(layers)) + "|")
usual = next(float(arm["multiply_adds_per_sample"]) for arm in arms if arm["rule"] == "Backprop")
for arm in arms:
    of_arm = [row for row in summary if row["arm"] == arm["arm"]]
    own = cell(of_arm, "own_accuracy", "none", "test", 100, 1)
    accuracy = f"{own}, its own" if own else cell(of_arm, "accuracy", "none", "test", 100, 1)
    against = [row for row in of_arm if row["reference"] == "Backprop"]
    angles = [cell(against, "gradient_angle", layer, "probe", 1, 0) or "–" for layer in layers]
    cost = arm["multiply_adds_per_sample"]
    cost = f"{float(cost) / usual:.2g}" if cost else "–"
    print(f"| `{arm['label']}` | {accuracy} | {' | '.join(angles)} | {cost} | {residual(of_arm)} |")
