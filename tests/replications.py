"""Print `results/replications.md` from results of `experiments/replications/`.

`python3 tests/replications.py results/r16_convolution_mnist1d .. > results/replications.md`. Each line below is a criterion of the experiment file of that name, as fixed before it ran: what is averaged over seeds, the published
value, and the bounds between which the mean has to lie. A line without bounds reports a value that nothing was said of.
"""
import csv
import json
import pathlib
import sys
import time

INFINITY = float("inf")
# Student t, 97.5 %, for 1, 2, .. degrees of freedom
T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]

FA, DFA, DRTP = "feedback-alignment", "direct-feedback-alignment", "random-target-projection"
SIGNS = "sign-symmetry-rule.magnitude-"

# experiment: paper, what is averaged (accuracy or error, in percent), lines of (what, arm, arm subtracted, published, lowest, highest)
CRITERIA = {
    "r16_convolution_mnist1d": ("the arrays of Greydanus, Kobak 2024, and differences of an independent program", "accuracy", [
        ("Backprop", "backprop", None, "94", 91.5, 96.5),
        ("SignSymmetry - Backprop", "sign-symmetry", "backprop", "-3.0", -6, 6),
        ("KolenPollack - Backprop", "kolen-pollack", "backprop", "0.6", -6, 6),
        ("FeedbackAlignment - Backprop", FA, "backprop", "-26.4", -INFINITY, -15),
        ("DirectFeedbackAlignment - Backprop", DFA, "backprop", "-36.0", -INFINITY, -15),
        ("Backprop, `Local` - `Conv`", "backprop-local", "backprop", "-3.6", -INFINITY, 0),
        ("FeedbackAlignment, `Local` - `Conv`", FA + "-local", FA, "5.8", 0, INFINITY),
        ("DirectFeedbackAlignment, `Local` - `Conv`", DFA + "-local", DFA, "17.1", 0, INFINITY),
        ("OutputOnly", "output-only", None, "45.1", None, None),
    ]),
    "r17_local_network": ("Bartunov et al. 2018", "error", [
        ("Backprop, `Conv`", "backprop-conv", None, "1.01", -INFINITY, 1.71),
        ("Backprop", "backprop-local", None, "1.17", -INFINITY, 1.87),
        ("FeedbackAlignment", FA, None, "1.26", -INFINITY, 1.96),
        ("DirectFeedbackAlignment", DFA, None, "2.05", -INFINITY, 2.75),
        ("Backprop, `Conv` - `Local`", "backprop-conv", "backprop-local", "-.16", -INFINITY, 0.1),
        ("Backprop - FeedbackAlignment", "backprop-local", FA, "-.09", -INFINITY, 0.1),
        ("FeedbackAlignment - DirectFeedbackAlignment", FA, DFA, "-.79", -INFINITY, 0.1),
        ("DirectFeedbackAlignment - Backprop", DFA, "backprop-local", ".88", 0.4, 1.6),
    ]),
    "r18_trained_or_frozen_filters": ("Frenkel, Lefebvre, Bol 2021", "error", [
        ("Backprop", "backprop", None, ".99", None, None),
        ("FeedbackAlignment", FA, None, "1.38", None, None),
        ("DirectFeedbackAlignment", DFA, None, "2.38", None, None),
        ("RandomTargetProjection", DRTP, None, "1.81", None, None),
        ("Backprop, trained - frozen", "backprop", "backprop-frozen", "-.32", -INFINITY, 0),
        ("FeedbackAlignment, trained - frozen", FA, FA + "-frozen", "-.17", None, None),
        ("DirectFeedbackAlignment, trained - frozen", DFA, DFA + "-frozen", ".72", 0, INFINITY),
        ("RandomTargetProjection, trained - frozen", DRTP, DRTP + "-frozen", "-.06", None, None),
        ("Backprop - FeedbackAlignment", "backprop", FA, "-.39", -INFINITY, 0),
        ("FeedbackAlignment - RandomTargetProjection", FA, DRTP, "-.43", -INFINITY, 0),
    ]),
    "r19_sign_symmetry_lenet": ("Sanfiz, Akrout 2021", "error", [
        ("Backprop", "backprop", None, ".91", None, None),
        ("SignSymmetry, equal magnitudes - Backprop", SIGNS + "uniform", "backprop", ".03", -0.4, 0.4),
        ("SignSymmetry, drawn for each batch - Backprop", SIGNS + "batch-random", "backprop", "0", -0.4, 0.4),
        ("SignSymmetry, fixed ones - Backprop", SIGNS + "fixed-random", "backprop", ".06", -0.4, 0.4),
        ("FeedbackAlignment - Backprop", FA, "backprop", ".79", 0.3, INFINITY),
    ]),
    "r20_pepita_convolution": ("Dellaferrera, Kreiman 2022", "accuracy", [
        ("Backprop", "backprop", None, "98.86", None, None),
        ("Pepita", "pepita", None, "98.29", 97.8, 98.8),
        ("Pepita - Backprop", "pepita", "backprop", "-.57", -INFINITY, 0),
    ]),
}


HEAD = """# Replications that were run in full

Made by `tests/replications.py` from results of `experiments/replications/`. Settings, sources and criteria stand in the experiment files,
and were fixed before anything ran. Values are percents at the last step, means over seeds with 95 % Student t intervals; differences are
taken seed by seed. What has no criterion is reported beside. A criterion is met where the mean lies within its bounds.

| id | what | published | criterion | ours | outcome |
|---|---|---|---|---|---|"""


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def percents(folder, measure):
    """The value at the end of every run, by arm and seed; none where it diverged."""
    accuracy = {}
    for run in rows(folder / "runs.csv"):
        text = run["final_test_accuracy"] if run["status"] == "finished" else ""
        value = 100 * float(text) if text else None
        accuracy.setdefault(run["arm"], {})[run["seed"]] = value
    if measure == "accuracy":
        return accuracy
    return {
        arm: {seed: None if value is None else 100 - value for seed, value in seeds.items()}
        for arm, seeds in accuracy.items()
    }


def mean_and_half_width(values):
    n = len(values)
    mean = sum(values) / n
    if n == 1:
        return mean, None
    variance = sum((value - mean) ** 2 for value in values) / (n - 1)
    return mean, T[n - 2] * (variance / n) ** 0.5


def bounds(low, high):
    if low is None:
        return "reported"
    if low == -INFINITY:
        return f"at most {high:g}"
    if high == INFINITY:
        return f"at least {low:g}"
    return f"{low:g} to {high:g}"


def table(folder):
    paper, measure, lines = CRITERIA[folder.name]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["state"] == "finished", f"{folder} is not finished"
    day = time.strftime("%Y-%m-%d", time.gmtime(manifest["started_unix_seconds"]))
    values = percents(folder, measure)
    outcomes = []
    for what, arm, subtracted, published, low, high in lines:
        pairs = [(values[arm][seed], values[subtracted][seed] if subtracted else 0) for seed in values[arm]]
        diverged = sum(None in pair for pair in pairs)
        if diverged:
            ours, outcome = f"{diverged} of {len(pairs)} seeds diverged", "" if low is None else "FAIL"
        else:
            mean, half = mean_and_half_width([value - other for value, other in pairs])
            ours = f"{mean:.2f}" + ("" if half is None else f" [{mean - half:.2f}, {mean + half:.2f}]") + f", n = {len(pairs)}"
            outcome = "" if low is None else "pass" if low <= mean <= high else "FAIL"
        outcomes.append(outcome)
        yield f"| {folder.name[:3].upper()} | {what} | {published} | {bounds(low, high)} | {ours} | {outcome} |"
    asked = [outcome for outcome in outcomes if outcome]
    met = asked.count("pass")
    yield (
        f"| | **{met} of {len(asked)} criteria met**: test {measure} in percent, {paper}; `{folder.name}.ron` | | | "
        f"{day}, commit {manifest['commit'][:7]} | {'**pass**' if met == len(asked) else '**FAIL**'} |"
    )


if __name__ == "__main__":
    print(HEAD)
    for name in sys.argv[1:]:
        for line in table(pathlib.Path(name)):
            print(line)
