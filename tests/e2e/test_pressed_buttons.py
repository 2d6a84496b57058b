"""Buttons that are under a finger while the page changes by itself; not what they do."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.browser import PHONE, WIDE, NewVisit, Product

pytestmark = pytest.mark.browser
PRESS_WHEN_IT_PAUSES = """button => new MutationObserver((changes, observer) => {
  if (!button.ariaLabel.startsWith("Pause")) return;
  observer.disconnect();
  window.words = button.innerText.trim();
  button.click();
}).observe(button, { attributes: true })"""
AT_REST = "!document.querySelector('#job-check.htmx-request')"


class HeldBack:
    """Checks of the form that are asked for and not answered until `let_go`."""

    def __init__(self, page: Page) -> None:
        self.asked: list[Route] = []
        self.is_open = False
        page.route("**/jobs/check", self._ask)

    def let_go(self) -> None:
        self.is_open = True
        for route in self.asked:
            route.continue_()

    def _ask(self, route: Route) -> None:
        if self.is_open:
            route.continue_()
        else:
            self.asked.append(route)


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["390", "1280"])
def test_a_press_is_not_lost_when_the_check_of_the_form_answers_during_it(
    product: Product, new_visit: NewVisit, size: tuple[int, int]
) -> None:
    """Pressing takes the focus from the field, which starts a check; its answer stands above the buttons of a phone."""
    visit = new_visit(product.address, size=size)
    visit.allow_status(422)
    visit.go("/jobs/create")
    held = HeldBack(visit.page)
    visit.page.get_by_label("Source", exact=True).fill("relative/path")
    button = visit.page.get_by_role("button", name="Create the job")
    button.hover()
    before = button.bounding_box()
    visit.page.mouse.down()
    visit.wait("!!document.querySelector('#job-check.htmx-request')")
    held.let_go()
    visit.wait(AT_REST)
    assert button.bounding_box() == before
    visit.page.mouse.up()
    expect(visit.page.locator("#form-errors")).to_be_visible()


def test_the_check_of_the_form_answers_when_nothing_is_pressed(product: Product, new_visit: NewVisit) -> None:
    visit = new_visit(product.address, size=PHONE)
    visit.go("/jobs/create")
    visit.page.get_by_label("Source", exact=True).fill("relative/path")
    expect(visit.page.locator("#job-check li")).to_have_count(1)


def test_a_focused_button_that_becomes_another_says_and_does_what_it_is_now(
    product: Product, new_visit: NewVisit, tmp_path: Path
) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/file").write_bytes(bytes(6_000_000))
    job_id = product.server.create_job(tmp_path / "source", tmp_path / "copy", settings={"bandwidth_limit": 1000})
    visit = new_visit(product.address)
    visit.go("/jobs/")
    visit.live()
    button = visit.page.get_by_role("button", name="Start: Photos")
    button.focus()
    button.evaluate(PRESS_WHEN_IT_PAUSES)
    product.server.start(job_id)
    expect(visit.page.get_by_role("button", name="Resume: Photos")).to_be_visible()
    assert visit.page.evaluate("window.words") == "Pause"
    expect(visit.page.get_by_role("button", name="Resume: Photos")).to_have_text("Resume")
