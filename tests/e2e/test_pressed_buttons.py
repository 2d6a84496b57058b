"""Buttons that are under a finger while the page changes by itself; not what they do."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import PHONE, WIDE, NewVisit, Product

pytestmark = pytest.mark.browser
AT_REST = "!document.querySelector('#job-check.htmx-request')"


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["390", "1280"])
def test_a_press_is_not_lost_when_the_check_of_the_form_answers_during_it(
    product: Product, new_visit: NewVisit, size: tuple[int, int]
) -> None:
    """Pressing takes the focus from the field, which starts a check; its answer stands above the buttons of a phone."""
    visit = new_visit(product.address, size=size)
    visit.allow_status(422)
    visit.go("/jobs/create")
    visit.page.get_by_label("Source", exact=True).fill("relative/path")
    button = visit.page.get_by_role("button", name="Create the job")
    button.hover()
    before = button.bounding_box()
    with visit.page.expect_response("**/jobs/check"):
        visit.page.mouse.down()
    visit.page.wait_for_function(AT_REST)
    assert button.bounding_box() == before
    visit.page.mouse.up()
    expect(visit.page.locator("#form-errors")).to_be_visible()


def test_the_check_of_the_form_answers_when_nothing_is_pressed(product: Product, new_visit: NewVisit) -> None:
    visit = new_visit(product.address, size=PHONE)
    visit.go("/jobs/create")
    visit.page.get_by_label("Source", exact=True).fill("relative/path")
    expect(visit.page.locator("#job-check li")).to_have_count(1)
