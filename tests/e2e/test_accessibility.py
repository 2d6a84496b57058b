"""axe-core (WCAG 2.1 A and AA) finds nothing on any page in any state; and no page scrolls sideways on a phone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from flask_app.listen import AsyncMode
from tests.e2e.browser import PHONE, WIDE, NewVisit, Product, Visit
from tests.e2e.places import Lived, lived_in, visits

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text()
RUN = """async () => {
  const rules = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] };
  const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`)]);
}"""
EXPECTED = (403, 404, 409, 422)
SETTINGS = [("light", WIDE), ("dark", PHONE)]
NARROW = (360, 740)
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


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, server_mode: AsyncMode) -> Iterator[Lived]:
    with lived_in(tmp_path_factory.mktemp("lived in"), server_mode) as lived:
        yield lived


def found_by_axe(page: Page) -> list[Any]:
    page.evaluate(AXE)
    return list(page.evaluate(RUN))


def window(new_visit: NewVisit, address: str, scheme: str, size: tuple[int, int]) -> Visit:
    visit = new_visit(address, color_scheme=scheme, size=size, bypass_csp=True, reduced_motion="reduce")
    visit.allow_status(*EXPECTED)
    return visit


def test_axe_finds_nothing_on_wide_light_pages(lived: Lived, new_visit: NewVisit) -> None:
    visit = window(new_visit, lived.product.address, "light", WIDE)
    found = {}
    for name, go in visits(lived, is_phone=False).items():
        go(visit.page)
        found[name] = found_by_axe(visit.page)
    assert {name: seen for name, seen in found.items() if seen} == {}


def test_dark_phone_pages_hold_for_axe_for_thumbs_and_for_the_narrowest_screen(
    lived: Lived, new_visit: NewVisit
) -> None:
    visit = window(new_visit, lived.product.address, "dark", PHONE)
    found = {}
    for name, go in visits(lived, is_phone=True).items():
        go(visit.page)
        found[name] = [*found_by_axe(visit.page), *visit.page.evaluate(TOO_SMALL)]
        visit.page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        found[name] += visit.page.evaluate(TOO_WIDE)
        visit.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert {name: seen for name, seen in found.items() if seen} == {}


@pytest.mark.parametrize(("scheme", "size"), SETTINGS, ids=["light 1280", "dark 390"])
def test_axe_finds_nothing_before_the_first_job(
    product: Product, new_visit: NewVisit, scheme: str, size: tuple[int, int]
) -> None:
    visit = window(new_visit, product.address, scheme, size)
    for path in ("/", "/jobs/", "/logs/", "/settings/"):
        visit.go(path)
        assert found_by_axe(visit.page) == [], path
