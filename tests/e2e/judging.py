"""What is wrong with a page for people: axe-core's findings, what is too small to hit, what sticks out, what moves."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page

from tests.e2e.browser import WIDE

AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text()
RUN = """async () => {
  const rules = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] };
  const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`)]);
}"""
NARROW = (360, 740)
ZOOMED = (WIDE[0] // 2, WIDE[1] // 2)  # what 200 % leaves of a wide window
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const isOut = (element) => element.getBoundingClientRect().right > width + 0.5;
  const out = [...document.querySelectorAll("body *")].filter(isOut);
  return out.slice(0, 5).map((element) => element.outerHTML.slice(0, 120));
}"""

# 24 px at least; links inside sentences are excepted, as in WCAG.
TOO_SMALL = """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")]
  .filter((element) => element.checkVisibility({ checkVisibilityCSS: true }))
  .filter((element) => !element.closest("p, li p, .hint, label"))
  .map((element) => [element.outerHTML.slice(0, 100), element.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && (box.height < 24 || box.width < 24))
  .map(([html, box]) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${html}`)"""
MOVING = "() => document.getAnimations().map((motion) => `moves: ${motion.effect.target.outerHTML.slice(0, 120)}`)"


def found_by_axe(page: Page) -> list[Any]:
    """What axe-core says of the page, or of the one that a link just pressed still leads to."""
    try:
        page.evaluate(AXE)
        return list(page.evaluate(RUN))
    except Error as error:
        if "navigation" not in error.message:
            raise
    page.wait_for_load_state()
    page.evaluate(AXE)
    return list(page.evaluate(RUN))


def too_small(page: Page) -> list[str]:
    return list(page.evaluate(TOO_SMALL))


def too_wide(page: Page, *sizes: tuple[int, int]) -> list[str]:
    """What sticks out of the page at these sizes; the page has its own size again afterwards."""
    before, found = page.viewport_size, []
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        found += [f"{width} px: {html}" for html in page.evaluate(TOO_WIDE)]
    if before:
        page.set_viewport_size(before)
    return found


def moving(page: Page) -> list[str]:
    """What is animated, to be asked of a browser that wants less motion."""
    return list(page.evaluate(MOVING))
