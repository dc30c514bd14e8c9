"""Tests the page of `creditlab explain --html` as readers use it; the arguments are those of `report.py`."""

import json
import subprocess
from pathlib import Path

from report import HOSTILE, LOOKS, WIDE, Opened, main

PAGES = {
    "small": ("task: Xor(samples: 40, test: 10), network: [5, 4], loss: HalfSquares, batch: 8", "--sample 3"),
    "large": ("task: Digits, network: [32, 16], batch: 32", "--batch"),
}
ARMS = f"arms: [(label: {json.dumps(HOSTILE[0])}, rule: Backprop), FeedbackAlignment]"
FILE = "explained.html"


def explain(program: Path, folder: Path) -> None:
    """Writes the pages."""
    for name, (settings, options) in PAGES.items():
        place = folder / f"explained-{name}"
        place.mkdir(parents=True, exist_ok=True)
        (place / "a.ron").write_text(f"({settings}, stop: Steps(40), seeds: 1, {ARMS})")
        command = [program, "explain", "a.ron", "--step", "10", "--html", FILE, *options.split()]
        subprocess.run(command, cwd=place, check=True, stdout=subprocess.DEVNULL)


def opened(browser, folder: Path, name: str, viewport: dict, dark: bool = False) -> Opened:
    return Opened(browser, folder, f"explained-{name}", viewport, dark, FILE)


def shown(page) -> list[str]:
    """What the rows of the first network show, the input first."""
    return page.eval_on_selector_all(".arm:first-child .units", "all => all.map(row => row.dataset.shown)")


def nothing_sticks_out_and_labels_stay_text(browser, folder: Path) -> None:
    for name in PAGES:
        for viewport, dark in LOOKS:
            with opened(browser, folder, name, viewport, dark) as there:
                there.stays_within(viewport)
                assert there.page.evaluate("window.attacked") is None
                there.pictured(there.folder / f"{viewport['width']}-{'dark' if dark else 'light'}.png")


def keys_and_buttons_walk_forward_and_backward(browser, folder: Path) -> None:
    with opened(browser, folder, "small", WIDE) as there:
        page = there.page
        assert shown(page) == ["a", "none", "none", "none"]
        page.keyboard.press("ArrowRight")
        assert shown(page) == ["a", "z", "none", "none"]
        page.locator("#on").click()
        assert shown(page) == ["a", "a", "none", "none"]
        page.keyboard.press("ArrowLeft")
        assert shown(page) == ["a", "z", "none", "none"]
        steps = page.locator("ol.stages li").count()
        for _ in range(steps + 3):
            page.keyboard.press("ArrowRight")
        assert shown(page) == ["a", "own", "own", "own"]
        assert page.locator("#on").is_disabled()
        assert page.eval_on_selector_all("svg.network", "all => all.map(one => one.dataset.edges)") == ["own", "own"]
        # a step is chosen from the list, by mouse and by key
        page.locator("ol.stages li").nth(8).click()
        assert shown(page)[3] == "delta"
        page.locator("ol.stages li").nth(0).focus()
        page.keyboard.press("Enter")
        assert shown(page) == ["a", "none", "none", "none"]


def formulas_are_told_by_mouse_and_by_key(browser, folder: Path) -> None:
    with opened(browser, folder, "small", WIDE) as there:
        page = there.page
        page.locator(".arm:first-child .units").nth(1).locator(".unit").first.hover()
        formula = page.locator(".arm:first-child pre.formula").text_content()
        assert formula.startswith("layer1, unit 0\nz = Σ w·a + b = "), formula
        assert "wish: −∂C/∂a = Σ w'·(−δ')" in formula, formula
        page.locator(".arm:nth-child(2) .unit").nth(2).focus()
        assert page.locator(".arm:nth-child(2) pre.formula").text_content().startswith("layer1, unit 0")


def a_nudge_shows_the_cost_beside_the_gradient(browser, folder: Path) -> None:
    with opened(browser, folder, "small", WIDE) as there:
        page = there.page
        weight = json.loads(page.locator("#data").text_content())[0][3]
        nudge = page.locator(".arm:first-child .nudge")
        nudge.locator("select").select_option("3")
        for place in (0, 13, 20):
            nudge.locator("input").fill(str(place))
            by, cost = weight["curve"][place]
            said = nudge.locator("output").text_content()
            assert said.startswith(f"Δw = {by:.1f}: C = {cost:.5f}, "), said
            assert f"gradient ∂C/∂w = {weight['derivative']:.5f}" in said, said


def the_page_can_be_printed(browser, folder: Path) -> None:
    with opened(browser, folder, "large", WIDE) as there:
        there.page.emulate_media(media="print")
        assert there.page.locator(".screen:visible").count() == 0
        assert there.page.locator("svg.network").first.is_visible()
        there.page.pdf(path=there.folder / "explained.pdf", format="A4")


TESTS = [
    nothing_sticks_out_and_labels_stay_text,
    keys_and_buttons_walk_forward_and_backward,
    formulas_are_told_by_mouse_and_by_key,
    a_nudge_shows_the_cost_beside_the_gradient,
    the_page_can_be_printed,
]

if __name__ == "__main__":
    main(explain, TESTS)
