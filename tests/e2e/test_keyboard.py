"""Everything by the keyboard alone; focus is always somewhere and comes back to where it was."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Product, Visit
from tests.servers import until

pytestmark = pytest.mark.browser
FOCUSED = """() => {
  const element = document.activeElement;
  return element.getAttribute("aria-label") || element.labels?.[0]?.innerText || element.innerText || element.id || "";
}"""
STEPS = 60


def focused(visit: Visit) -> str:
    """The name of what has the focus."""
    return str(visit.page.evaluate(FOCUSED)).strip()


def tab_to(visit: Visit, name: str) -> None:
    """Press Tab until the focus is there."""
    seen = []
    for _ in range(STEPS):
        visit.page.keyboard.press("Tab")
        seen.append(focused(visit))
        if re.match(name, seen[-1]):
            return
    raise AssertionError(f"Tab does not lead to {name}: {seen}")


def type_into(visit: Visit, name: str, text: str) -> None:
    tab_to(visit, f"{name}$")
    visit.page.keyboard.type(text)


@pytest.fixture
def job_id(product: Product, tmp_path: Path) -> str:
    source = tmp_path / "source"
    source.mkdir()
    (source / "file").write_bytes(bytes(6_000_000))
    return product.server.create_job(source, tmp_path / "copy", settings={"bandwidth_limit": 1000})


def test_the_first_stop_skips_to_the_content(visit: Visit, job_id: str) -> None:
    visit.go("/jobs/")
    visit.page.keyboard.press("Tab")
    assert focused(visit) == "Skip to the content"
    assert visit.page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
    visit.page.keyboard.press("Enter")
    assert visit.page.evaluate("document.activeElement.id") == "content"
    visit.page.keyboard.press("Tab")
    assert focused(visit) == "Adopt"


def test_a_job_is_created_in_the_dialog(visit: Visit, job_id: str, product: Product, tmp_path: Path) -> None:
    visit.go("/jobs/")
    tab_to(visit, "New job$")
    visit.page.keyboard.press("Enter")
    dialog = visit.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert focused(visit) == "Name"
    visit.page.keyboard.type("By keys")
    type_into(visit, "Source", f"{tmp_path}/source")
    type_into(visit, "Destination", f"{tmp_path}/elsewhere")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("link", name="By keys", exact=True)).to_be_visible()
    expect(dialog).to_be_hidden()
    until(lambda: focused(visit) == "New job", 2)
    assert len(product.jobs()) == 2


def test_a_mistake_takes_the_focus_to_its_field(visit: Visit, job_id: str) -> None:
    visit.allow_status(422)
    visit.go("/jobs/")
    tab_to(visit, "New job$")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("dialog")).to_be_visible()
    visit.page.keyboard.type("By keys")
    type_into(visit, "Source", "relative")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#field-source-error")).to_be_visible()
    until(lambda: focused(visit) == "Source", 2)
    expect(visit.page.get_by_role("dialog").get_by_label("Name", exact=True)).to_have_value("By keys")


def test_escape_closes_the_dialog_and_returns_to_its_opener(visit: Visit, job_id: str) -> None:
    visit.go("/jobs/")
    tab_to(visit, "New job$")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("dialog")).to_be_visible()
    visit.page.keyboard.press("Escape")
    expect(visit.page.get_by_role("dialog")).to_be_hidden()
    until(lambda: focused(visit) == "New job", 2)


def test_focus_stays_inside_an_open_dialog(visit: Visit, job_id: str) -> None:
    visit.go("/jobs/")
    tab_to(visit, "New job$")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("dialog")).to_be_visible()
    for _ in range(40):
        visit.page.keyboard.press("Tab")
        inside = "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        assert visit.page.evaluate(inside), focused(visit)


def test_a_job_is_started_and_paused(visit: Visit, job_id: str, product: Product) -> None:
    visit.go("/jobs/")
    visit.live()
    tab_to(visit, "Start: Photos")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("button", name="Pause: Photos")).to_be_visible()
    tab_to(visit, "Pause: Photos") if focused(visit) != "Pause: Photos" else None
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("button", name="Resume: Photos")).to_be_visible()


def test_focus_is_not_lost_when_a_button_becomes_another(visit: Visit, job_id: str) -> None:
    visit.go("/jobs/")
    visit.live()
    tab_to(visit, "Start: Photos")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("button", name="Pause: Photos")).to_be_visible()
    assert visit.page.evaluate("document.activeElement !== document.body"), "Tab would begin at the top again"


def test_focus_is_not_lost_when_a_button_becomes_another_while_one_is_in_another_window(
    visit: Visit, job_id: str, product: Product
) -> None:
    visit.go("/jobs/")
    visit.live()
    tab_to(visit, "Start: Photos")
    visit.page.evaluate("document.activeElement.dispatchEvent(new FocusEvent('focusout', { bubbles: true }))")
    product.server.start(job_id)
    expect(visit.page.get_by_role("button", name="Pause: Photos")).to_be_focused()


def test_focus_is_not_lost_with_the_bar_for_many_jobs(visit: Visit, job_id: str) -> None:
    visit.go("/jobs/")
    visit.live()
    visit.page.get_by_role("checkbox", name="Select Photos").check()
    tab_to(visit, r"Start\s1")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#bulk")).to_be_hidden()
    until(lambda: focused(visit) == "Jobs", 3)


def test_a_menu_opens_and_closes(visit: Visit, job_id: str) -> None:
    visit.go("/jobs/")
    tab_to(visit, "More for Photos")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("link", name="Delete…")).to_be_visible()
    visit.page.keyboard.press("Escape")
    expect(visit.page.get_by_role("link", name="Delete…")).to_be_hidden()
    assert focused(visit) == "More for Photos"


def test_an_update_does_not_bring_back_a_field_that_was_left(visit: Visit, job_id: str) -> None:
    """A key pressed after leaving the search would be typed into it."""
    page = visit.page
    visit.go("/jobs/")
    search = page.get_by_role("searchbox")
    with page.expect_response("**search=Photos*"):
        search.fill("Photos")
    expect(search).to_be_focused()
    search.blur()
    with page.expect_response("**search=Music*"):
        search.evaluate("(box) => { box.value = 'Music'; box.dispatchEvent(new Event('input', { bubbles: true })); }")
    expect(page.get_by_role("heading", name="No job matches “Music”")).to_be_visible()
    page.wait_for_timeout(300)  # the focus was moved after the update had settled
    expect(search).not_to_be_focused()


def test_a_job_is_deleted_and_the_focus_goes_to_the_heading(visit: Visit, job_id: str, product: Product) -> None:
    visit.go("/jobs/")
    for last in ("Escape", "Enter"):
        tab_to(visit, "More for Photos") if focused(visit) != "More for Photos" else None
        visit.page.keyboard.press("Enter")
        tab_to(visit, "Delete…")
        visit.page.keyboard.press("Enter")
        expect(visit.page.get_by_role("dialog")).to_be_visible()
        until(lambda: focused(visit) == "Keep the job", 2)
        if last == "Enter":
            tab_to(visit, "Delete the job")
        visit.page.keyboard.press(last)
        expect(visit.page.get_by_role("dialog")).to_be_hidden()
    expect(visit.page.get_by_text("No backups yet")).to_be_visible()
    until(lambda: focused(visit) == "Jobs", 2)
    assert product.jobs() == []


def test_the_list_survives_an_update_under_the_keyboard(visit: Visit, job_id: str, product: Product) -> None:
    visit.go("/jobs/")
    visit.live()
    tab_to(visit, "More for Photos")
    product.server.start(job_id)
    expect(visit.page.get_by_role("button", name="Pause: Photos")).to_be_visible()
    assert focused(visit) == "More for Photos"


@pytest.mark.parametrize("path", ["/", "/jobs/", "/logs/", "/settings/"])
def test_every_stop_of_the_keyboard_is_seen(visit: Visit, job_id: str, path: str) -> None:
    visit.go(path)
    stops = []
    for _ in range(STEPS):
        visit.page.keyboard.press("Tab")
        if visit.page.evaluate("document.activeElement === document.body"):
            break
        outlined = "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
        assert visit.page.evaluate(outlined) or visit.page.evaluate(SHADOWED), focused(visit)
        stops.append(focused(visit))
    assert len(stops) > 6


SHADOWED = "getComputedStyle(document.activeElement).boxShadow !== 'none'"
