"""Tests the page of results, `report.html`, as readers use it.

Arguments: the program, a folder for results and pictures, and a browser, which may be empty for Playwright's own.
"""

import csv
import json
import math
import statistics
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path

from playwright.sync_api import Error, Page, sync_playwright

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 400, "height": 800}
LOOKS = [(viewport, dark) for viewport in (WIDE, NARROW) for dark in (False, True)]

HOSTILE = [
    "<script>window.attacked = 1</script>",
    "</script><img src=x onerror='window.attacked = 1'>",
    "\" onmouseover=\"window.attacked = 1\" x=\"",
    'a, "b" & <b>c</b> ' + "long " * 34 + "end",
]

EXPERIMENTS = {
    # values of every kind of curve, a comparison, an arm that diverges
    "few": """(
        task: Iris, network: [8, 8, 6], batch: 16, stop: Epochs(6), seeds: 4,
        measure: (every: Epochs(1), against: [Backprop], probe: 32),
        compare: (to: "backprop", metrics: ["accuracy", "loss"]),
        arms: [
            (label: "Backprop", rule: Backprop), FeedbackAlignment, (rule: KolenPollack, optimizer: Sgd(learning_rate: 0.05, momentum: 0.9)), OutputOnly,
            (label: "wild", rule: Backprop, network: (hidden: [8, 8, 6], activation: Identity), optimizer: Sgd(learning_rate: 1e30)),
        ],
    )""",
    # as many arms as a sweep has
    "many": """(
        task: Iris, network: [6], stop: Epochs(3), seeds: 2,
        arms: [(rule: Backprop, optimizer: Sgd(learning_rate: Each([%s])))],
    )"""
    % ", ".join(f"{0.002 * (arm + 1):.3f}" for arm in range(30)),
    "hostile": """(
        task: Iris, stop: Epochs(2), seeds: 2, arms: [%s],
    )"""
    % ", ".join(f"(label: {json.dumps(label)}, rule: Backprop, network: [{3 + i}])" for i, label in enumerate(HOSTILE)),
    # tuning, similarity of rules, weights of a first layer, one seed
    "others": """(
        task: Digits, network: [8], stop: Epochs(1), seeds: 1, save: (weights: [End]), tune: (by: "accuracy", seeds: 2),
        arms: [
            (rule: Backprop, optimizer: Sgd(learning_rate: Tune([0.05, 0.02])), shadows: [FeedbackAlignment, SignSymmetry]),
            (rule: FeedbackAlignment, optimizer: Sgd(learning_rate: Tune([0.05, 0.02]))),
            OutputOnly,
        ],
    )""",
}


def carry_out(program: Path, folder: Path) -> None:
    """Runs the experiments; what is there from earlier is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in EXPERIMENTS.items():
        (folder / f"{name}.ron").write_text(text)
        subprocess.run([program, "run", f"{name}.ron", "--out", ".", "--quiet"], cwd=folder, check=True)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


class Opened:
    """A page that is open, and what its console said."""

    def __init__(self, browser, folder: Path, name: str, viewport: dict, dark: bool = False, file: str = "report.html"):
        scheme = "dark" if dark else "light"
        self.context = browser.new_context(viewport=viewport, color_scheme=scheme, accept_downloads=True)
        self.page: Page = self.context.new_page()
        self.folder = folder / name
        self.problems: list[str] = []
        self.page.on("console", lambda message: self.problems.append(message.text) if message.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", self.asked)
        self.page.goto((self.folder / file).as_uri())

    def asked(self, request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            self.problems.append(f"asked for {request.url}")

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, kind, *_) -> None:
        if kind is None:
            assert not self.problems, self.problems
        self.context.close()

    def stays_within(self, viewport: dict) -> None:
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"], f"{self.folder.name}: {width} pixels wide in {viewport['width']}"

    def pictured(self, path: Path) -> None:
        """Takes a picture for people to look at; a browser that is short of time or memory may not give one."""
        try:
            self.page.screenshot(path=path, full_page=True)
        except Error as error:
            print(f"no picture {path.name}: {str(error).splitlines()[0]}")

    def brought_up(self, one) -> None:
        """Scrolls to an element and waits until the page has heard of it: a scroll that it hears of later would hide what was read."""
        one.scroll_into_view_if_needed()
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def lit(self) -> set[str]:
        return set(self.page.eval_on_selector_all("[data-arm].lit", "all => all.map(one => one.dataset.arm)"))

    def read(self) -> dict[str, tuple[str, str]]:
        """What the reading tells of each arm: its text, and the exact mean."""
        rows = self.page.eval_on_selector_all(
            "#reading:not([hidden]) .row[data-of]",
            "all => all.map(row => [row.dataset.of, row.lastChild.textContent, row.lastChild.dataset.value])",
        )
        return {arm: (text, exact) for arm, text, exact in rows}

    def saved(self, button: str) -> str:
        with self.page.expect_download() as download:
            self.page.locator(button).first.click()
        return Path(download.value.path()).read_text()


def five(value: float) -> float:
    return float(f"{value:.5g}")


def nothing_is_said_and_nothing_sticks_out(browser, folder: Path) -> None:
    for name in EXPERIMENTS:
        for viewport, dark in LOOKS:
            with Opened(browser, folder, name, viewport, dark) as opened:
                opened.stays_within(viewport)
                opened.pictured(folder / f"{name}-{viewport['width']}-{'dark' if dark else 'light'}.png")


def an_arm_is_lit_up_everywhere(browser, folder: Path) -> None:
    with Opened(browser, folder, "few", WIDE) as opened:
        page = opened.page
        assert opened.lit() == set()
        page.locator("tr[data-arm='1']").first.hover()
        assert opened.lit() == {"1"}
        # in the table, in a legend, in every figure's lines and marks
        for part in ("tr.lit", "#convergence .entry.lit", "#convergence .line.lit", "#final .mean.lit", "#work .mean.lit"):
            assert page.locator(part).count() > 0, part
        entry = page.locator("#convergence .view:not([hidden]) .entry[data-arm='2'] text").first
        opened.brought_up(entry)
        entry.hover()
        assert opened.lit() == {"2"}
        mark = page.locator("#final .view:not([hidden]) .mean[data-arm='3']").first
        opened.brought_up(mark)
        box = mark.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert opened.lit() == {"3"}
        assert page.locator("#reading strong").text_content() == "OutputOnly"
        # a click keeps it, a second one lets it go
        button = page.locator("button.arm[data-arm='0']")
        button.click()
        page.locator("h1").hover()
        assert opened.lit() == {"0"} and button.get_attribute("aria-pressed") == "true"
        button.click()
        page.locator("h1").hover()
        page.evaluate("document.activeElement.blur()")
        assert opened.lit() == set()


def values_at_the_cursor_are_those_of_the_tables(browser, folder: Path) -> None:
    asked = {"Test accuracy (%)": ("accuracy", 100.0), "Test loss": ("loss", 1.0)}
    rows = table(folder / "few" / "metrics.csv")
    diverged = {(run["arm"], run["seed"]) for run in table(folder / "few" / "runs.csv") if run["status"] == "diverged"}
    with Opened(browser, folder, "few", WIDE) as opened:
        page = opened.page
        for plot, (metric, factor) in asked.items():
            values = defaultdict(list)
            for row in rows:
                is_asked = row["metric"] == metric and row["split"] == "test" and row["layer"] == "none"
                if is_asked and (row["arm"], row["seed"]) not in diverged:
                    values[row["arm"], float(row["epoch"])].append(factor * float(row["value"]))
            view = page.locator(f"#convergence .panel[data-plot='{plot}'] .view:not([hidden])")
            opened.brought_up(view)
            moments = view.get_attribute("data-moments").split()
            places = view.get_attribute("data-places").split()
            assert len(moments) == 7
            box = view.locator("svg").bounding_box()
            sheet = [float(side) for side in view.locator("svg").get_attribute("viewBox").split()]
            for moment, place in zip(moments, places):
                page.mouse.move(box["x"] + float(place) / sheet[2] * box["width"] + 2, box["y"] + 0.3 * box["height"])
                read = opened.read()
                arms = {arm for arm, epoch in values if epoch == float(moment)}
                assert set(read) == arms and "wild" not in arms, (plot, moment, read)
                for arm in arms:
                    text, exact = read[arm]
                    mean = statistics.fmean(values[arm, float(moment)])
                    assert math.isclose(float(exact), mean, rel_tol=1e-12), (plot, arm, moment, exact, mean)
                    assert float(text.split()[0]) == five(float(exact)), text
        text = opened.saved("#convergence .save-csv")
        numbers = json.loads(page.locator("#data").text_content())["numbers"]["convergence"]
        assert text == numbers
        # single seeds are those of the table, to the last bit
        for row in csv.DictReader(text.splitlines()):
            metric, factor = asked[row["plot"]]
            for seed in range(4):
                one = [
                    each
                    for each in rows
                    if each["metric"] == metric and each["split"] == "test" and each["layer"] == "none"
                    and each["arm"] == row["arm"] and each["seed"] == str(seed) and float(each["epoch"]) == float(row["epoch"])
                ]
                assert float(row[f"seed_{seed}"]) == factor * float(one[0]["value"]), row


def keys_read_values_and_light_arms_up(browser, folder: Path) -> None:
    with Opened(browser, folder, "few", WIDE) as opened:
        page = opened.page
        button = page.locator("button.arm[data-arm='1']")
        opened.brought_up(button)
        button.focus()
        assert opened.lit() == {"1"}
        page.keyboard.press("Enter")
        assert button.get_attribute("aria-pressed") == "true"
        page.keyboard.press("Enter")
        view = page.locator("#alignment .view:not([hidden])").first
        opened.brought_up(view)
        view.focus()
        # the page scrolls to what is gone to, and says so a frame later
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        page.keyboard.press("Home")
        assert page.locator("#reading strong").text_content() == "epoch 0"
        # a scroll hides the reading, and the cursor stays where it was
        page.evaluate("dispatchEvent(new Event('scroll'))")
        assert not page.locator("#reading").is_visible()
        page.keyboard.press("ArrowRight")
        assert page.locator("#reading strong").text_content() == "epoch 1"
        page.keyboard.press("End")
        assert page.locator("#reading strong").text_content() == "epoch 6"
        order = list(opened.read())
        page.keyboard.press("ArrowDown")
        first = opened.lit()
        page.keyboard.press("ArrowDown")
        assert len(order) > 1 and len(first) == 1 and opened.lit() != first
        page.keyboard.press("Escape")
        assert not page.locator("#reading").is_visible() and opened.lit() == set()
        # everything can be reached, and shows that it is
        page.locator("#arms summary").first.click()
        page.evaluate("document.activeElement.blur()")
        seen = set()
        for _ in range(80):
            page.keyboard.press("Tab")
            seen.add(page.evaluate("document.activeElement.classList[0] ?? document.activeElement.tagName"))
            assert page.evaluate("document.activeElement === document.body || getComputedStyle(document.activeElement).outlineStyle !== 'none'")
        assert {"arm", "view", "save-csv", "save-svg", "copy", "SELECT", "INPUT", "SUMMARY"} <= seen, seen


def axes_plots_and_seeds_can_be_chosen(browser, folder: Path) -> None:
    with Opened(browser, folder, "few", WIDE) as opened:
        page = opened.page
        shown = lambda figure: page.eval_on_selector_all(
            f"#{figure} .view", "all => all.filter(view => view.checkVisibility()).map(view => view.dataset.axis)"
        )
        usual = shown("convergence")
        assert len(usual) == 2
        for axis in ("linear", "log"):
            page.locator("#convergence select[name=axis]").select_option(axis)
            assert shown("convergence")[1] == axis
        page.locator("#convergence select[name=axis]").select_option("")
        assert shown("convergence") == usual
        plots = page.locator("#alignment select[name=plot] option").count()
        assert plots == 6, "all, four layers, all hidden ones"
        page.locator("#alignment select[name=plot]").select_option("Layer 2")
        assert page.locator("#alignment .panel:visible").count() == 1
        page.locator("#alignment .numbers summary").click()
        page.locator("#alignment .numbers tbody tr").first.hover()
        assert opened.lit() == {"0"}
        assert page.locator("#alignment .numbers tbody tr").count() == 7 * 3
        page.locator("#alignment select[name=plot]").select_option("")
        assert page.locator("#alignment .numbers tbody tr").count() > 7 * 3 * 3
        lines = page.locator("#convergence .view:not([hidden]) .runs").first
        assert not lines.is_visible()
        page.locator("#convergence input[name=seeds]").check()
        assert lines.is_visible()
        assert page.locator("#final .seeds").first.is_visible()
        page.locator("#final input[name=seeds]").uncheck()
        assert not page.locator("#final .seeds").first.is_visible()


def drawings_and_settings_can_be_taken_along(browser, folder: Path) -> None:
    with Opened(browser, folder, "few", WIDE) as opened:
        page = opened.page
        page.locator("tr[data-arm='1']").first.hover()
        for figure in ("convergence", "alignment", "feedback", "final", "work"):
            svg = ElementTree.fromstring(opened.saved(f"#{figure} .panel:visible .save-svg"))
            assert svg.tag == "{http://www.w3.org/2000/svg}svg" and svg.get("width") in ("89mm", "183mm"), figure
            classes = {word for element in svg.iter() for word in element.get("class", "").split()}
            assert "lit" not in classes and "cursor" not in classes and {"mean", "entry"} <= classes, classes
            rows = list(csv.DictReader(opened.saved(f"#{figure} .save-csv").splitlines()))
            assert rows and {row["arm"] for row in rows} <= {"backprop", "feedback-alignment", "kolen-pollack", "output-only", "wild"}
        page.locator("#arms summary").first.click()
        page.locator("#arms button.copy").first.click()
        text = page.locator("#arms pre").first.text_content()
        assert page.evaluate("getSelection().toString()").strip() == text.strip()
        (folder / "copied.ron").write_text("(task: Iris, arms: [" + text + "])")
        checked = subprocess.run([Path(sys.argv[1]).resolve(), "check", "copied.ron"], cwd=folder, capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr


def labels_stay_text(browser, folder: Path) -> None:
    with Opened(browser, folder, "hostile", WIDE) as opened:
        page = opened.page
        labels = [row["label"] for row in table(folder / "hostile" / "arms.csv")]
        assert labels[0] == HOSTILE[0]
        assert [text.strip() for text in page.locator("button.arm").all_text_contents()] == [label.strip() for label in labels]
        view = page.locator("#convergence .view:not([hidden])").first
        opened.brought_up(view)
        view.focus()
        page.keyboard.press("End")
        read = [text for text in page.locator("#reading .row span:first-child").all_text_contents()]
        assert sorted(read) == sorted(labels)
        page.locator("#convergence .numbers summary").click()
        for button in page.locator("button.arm").all():
            button.hover()
        assert page.evaluate("window.attacked") is None
        assert page.locator("img, b").count() == 0


def thirty_arms_are_told_apart(browser, folder: Path) -> None:
    for viewport in (WIDE, NARROW):
        with Opened(browser, folder, "many", viewport) as opened:
            page = opened.page
            assert page.locator("button.arm").count() == 30
            view = page.locator("#convergence .view:not([hidden])").first
            opened.brought_up(view)
            view.focus()
            page.keyboard.press("End")
            assert len(opened.read()) == 30
            box = page.locator("#reading").bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= viewport["width"]
            assert box["y"] >= 0 and box["y"] + box["height"] <= viewport["height"]


def other_figures_and_the_audit_are_there(browser, folder: Path) -> None:
    with Opened(browser, folder, "others", WIDE) as opened:
        page = opened.page
        for figure in ("similarity", "weights"):
            rows = list(csv.DictReader(opened.saved(f"#{figure} .save-csv").splitlines()))
            assert rows, figure
            ElementTree.fromstring(opened.saved(f"#{figure} .save-svg"))
        assert page.locator("#tuning tbody tr").count() == 4
        assert "untuned" in page.locator("#came-out tbody").text_content()
        # one seed has no interval, and what does not apply is empty
        headings = page.locator("#came-out th[scope=col]").all_text_contents()
        first = page.locator("#came-out tbody tr").first.locator("th, td").all_text_contents()
        assert first[headings.index("95 % interval")] == ""


def on_paper_nothing_is_lost(browser, folder: Path) -> None:
    with Opened(browser, folder, "few", WIDE) as opened:
        page = opened.page
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        assert page.locator("#arms pre").first.is_visible()
        assert page.locator("button.arm").first.is_visible()
        assert page.locator(".controls:visible, .save-svg:visible, .copy:visible").count() == 0
        opened.page.pdf(path=folder / "few.pdf", format="A4")


TESTS = [
    nothing_is_said_and_nothing_sticks_out,
    an_arm_is_lit_up_everywhere,
    values_at_the_cursor_are_those_of_the_tables,
    keys_read_values_and_light_arms_up,
    axes_plots_and_seeds_can_be_chosen,
    drawings_and_settings_can_be_taken_along,
    labels_stay_text,
    thirty_arms_are_told_apart,
    other_figures_and_the_audit_are_there,
    on_paper_nothing_is_lost,
]

def main(prepare, tests) -> None:
    """Makes what is looked at with the program, and tries each test on it."""
    program = Path(sys.argv[1]).resolve()
    folder, executable = Path(sys.argv[2]).resolve(), sys.argv[3] or None
    failed = 0
    with sync_playwright() as playwright:
        # a container has no sandbox to give
        try:
            browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        except Error as error:
            print(f"skipped: the browser does not start: {str(error).splitlines()[0]}")
            return
        prepare(program, folder)
        for test in tests:
            try:
                test(browser, folder)
                print(f"ok      {test.__name__}")
            except Exception as error:  # every failure is told, and the others still run
                failed += 1
                print(f"FAILED  {test.__name__}: {error!r}")
        browser.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(carry_out, TESTS)
