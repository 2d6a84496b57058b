"""What a browser keeps for itself: the theme and the preferences, there before the first paint and in every tab."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import NewVisit, Product, Visit

pytestmark = pytest.mark.browser
GROUND = "getComputedStyle(document.body).backgroundColor"
LIGHT, DARK = "rgb(246, 245, 241)", "rgb(20, 19, 17)"
AT_FIRST = """
  new MutationObserver((_, observer) => {
    if (!document.body) return;
    window.atFirst = { ...document.documentElement.dataset };
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
"""


@pytest.mark.parametrize(("scheme", "ground"), [("light", LIGHT), ("dark", DARK)])
def test_without_a_choice_the_theme_is_that_of_the_system(
    product: Product, new_visit: NewVisit, scheme: str, ground: str
) -> None:
    for options in ({}, {"java_script_enabled": False}):
        visit = new_visit(product.address, color_scheme=scheme, **options)
        visit.go("/logs/")
        assert visit.page.evaluate(GROUND) == ground, options


def test_a_chosen_theme_is_there_before_the_first_paint_in_every_tab_and_around_the_page(
    product: Product, new_visit: NewVisit
) -> None:
    visit = new_visit(product.address, color_scheme="light")
    visit.context.add_init_script(AT_FIRST)
    visit.go("/logs/")
    other = visit.open()
    other.goto("/jobs/")
    visit.page.get_by_role("button", name="Dark").click()
    assert visit.page.evaluate(GROUND) == DARK
    assert visit.page.evaluate("document.querySelector('[data-scheme=dark]').media") == "all"
    assert visit.page.evaluate("document.querySelector('[data-scheme=light]').media") == "not all"
    expect(other.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert other.evaluate(GROUND) == DARK
    visit.go("/settings/")
    assert visit.page.evaluate("atFirst.theme") == "dark", "no flash of the light one"
    visit.page.get_by_role("button", name="System").first.click()
    assert visit.page.evaluate(GROUND) == LIGHT


def test_a_preference_is_kept_and_stands_at_the_root_of_every_page(product: Product, visit: Visit) -> None:
    visit.context.add_init_script(AT_FIRST)
    visit.go("/settings/")
    box = visit.page.locator("[data-pref='pref-motion']")
    expect(box).to_be_checked()
    box.uncheck()
    visit.go("/jobs/")
    assert visit.page.evaluate("atFirst.prefMotion") == "off"
    moving = "document.getAnimations().length"
    visit.page.evaluate("document.querySelector('.connection').classList.add('turns')")
    assert visit.page.evaluate(moving) == 0
    visit.go("/settings/")
    expect(box).not_to_be_checked()
    box.check()
    assert visit.page.evaluate("document.documentElement.dataset.prefMotion") == "on"


def test_a_browser_that_keeps_nothing_shows_pages_and_a_theme_for_as_long_as_they_are_open(
    product: Product, new_visit: NewVisit
) -> None:
    visit = new_visit(product.address, color_scheme="light")
    visit.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })"
    )
    visit.go("/logs/")
    visit.live()
    visit.page.get_by_role("button", name="Dark").click()
    assert visit.page.evaluate(GROUND) == DARK
