"""The job form by mouse, by keyboard and without JavaScript: folders chosen, patterns tried, nothing typed lost."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from flask_app.listen import AsyncMode
from tests.e2e.browser import PHONE, NewVisit, Product, Visit

pytestmark = pytest.mark.browser
HARD = [b"new\nline", b"\xe2\x80\xaegnp.exe", b"bad\xff", b"<img src=x onerror=alert(1)>", b"n" * 255]
SHOWN = ["new\\nline", "\\u202egnp.exe", "bad\\xff", "<img src=x onerror=alert(1)>", "n" * 255]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "home"
    (root / "Photos/2026").mkdir(parents=True)
    (root / "Photos/a.tmp").write_bytes(b"12345")
    (root / "Music").mkdir()
    for name in HARD:
        os.mkdir(os.fsencode(root / "Music") + b"/" + name)
    return root


def open_dialog(visit: Visit) -> Page:
    visit.go("/jobs/")
    visit.page.get_by_role("link", name="New job").first.click()
    visit.page.locator("dialog[open] #job-form").wait_for()
    return visit.page


def fill(page: Page, source: Path | str) -> None:
    page.get_by_label("Name", exact=True).fill("My <photos>")
    page.get_by_label("Source", exact=True).fill(str(source))


def browse(page: Page, side: str) -> None:
    page.get_by_role("button", name=f"Browse for the {side}").click()
    expect(page.get_by_role("heading", name=f"Choose the {side}").first).to_be_visible()


def test_a_folder_is_chosen_by_mouse_in_the_dialog_and_all_that_was_typed_stays(visit: Visit, tree: Path) -> None:
    page = open_dialog(visit)
    fill(page, tree)
    page.get_by_text("Leave out").first.click()
    page.locator("#field-exclude").fill("*.tmp\n<b>")
    browse(page, "source")
    page.get_by_role("button", name="Photos").click()
    page.get_by_role("button", name="2026").click()
    expect(page.get_by_text("There is no folder in here")).to_be_visible()
    page.get_by_role("button", name="One folder up").click()
    page.get_by_role("button", name="Choose this folder").click()
    expect(page.get_by_label("Source", exact=True)).to_have_value(f"{tree}/Photos")
    expect(page.get_by_label("Source", exact=True)).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value("My <photos>")
    expect(page.locator("#field-exclude")).to_have_value("*.tmp\n<b>")
    browse(page, "destination")
    page.get_by_label("New folder in here").fill("the copy")
    page.get_by_role("button", name="Choose this folder").click()
    expect(page.get_by_label("Destination", exact=True)).to_have_value(re.compile("/the copy$"))
    page.get_by_label("Destination", exact=True).fill(str(tree.parent / "copy"))
    page.get_by_role("button", name="Create the job").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("#jobs-list")).to_contain_text("My <photos>")


def test_a_folder_is_chosen_by_keyboard_alone(visit: Visit, tree: Path) -> None:
    page = open_dialog(visit)
    fill(page, tree)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Music")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Photos")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="2026")).to_be_focused()
    for _ in range(20):
        if page.get_by_role("button", name="Choose this folder").evaluate(
            "(button) => button === document.activeElement"
        ):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Source", exact=True)).to_have_value(f"{tree}/Photos")
    expect(page.get_by_label("Source", exact=True)).to_be_focused()


def test_a_folder_is_chosen_without_javascript(product: Product, new_visit: NewVisit, tree: Path) -> None:
    page = new_visit(product.address, java_script_enabled=False).page
    page.goto("/jobs/create")
    fill(page, tree)
    page.get_by_text("Speed limit").click()
    page.get_by_label("At most").fill("500")
    page.get_by_role("button", name="Browse for the source").click()
    page.get_by_role("button", name="Photos").click()
    page.get_by_role("button", name="Choose this folder").click()
    expect(page.get_by_label("Source", exact=True)).to_have_value(f"{tree}/Photos")
    expect(page.get_by_label("Name", exact=True)).to_have_value("My <photos>")
    expect(page.locator("#field-bandwidth_limit")).to_have_value("500")
    page.get_by_label("Destination", exact=True).fill(str(tree.parent / "copy"))
    page.get_by_role("button", name="Create the job").click()
    page.wait_for_url(re.compile("/jobs/[0-9a-f-]{36}$"))
    assert product.jobs()[0]["source"] == f"{tree}/Photos"


def test_on_a_phone_the_browser_is_a_page(product: Product, new_visit: NewVisit, tree: Path) -> None:
    visit = new_visit(product.address, size=PHONE)
    visit.go("/jobs/create")
    fill(visit.page, tree / "Music")
    browse(visit.page, "source")
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(visit.page.locator("dialog[open]")).to_have_count(0)
    visit.page.get_by_role("button", name="Choose this folder").click()
    expect(visit.page.get_by_label("Source", exact=True)).to_have_value(f"{tree}/Music")


def test_hostile_names_are_shown_as_they_are_run_nothing_and_are_refused_in_words(visit: Visit, tree: Path) -> None:
    page = open_dialog(visit)
    fill(page, tree / "Music")
    browse(page, "source")
    assert set(page.locator(".folder-row .min-w-0").all_inner_texts()) >= set(SHOWN)
    assert page.locator("dialog .fields").evaluate("(box) => box.scrollWidth <= box.clientWidth")
    for shown in SHOWN[:3]:
        page.get_by_role("button", name=shown).click()
        expect(page.get_by_text("a job cannot name it")).to_be_visible()
        expect(page.get_by_role("button", name="Choose this folder")).to_have_count(0)
        page.get_by_role("button", name="One folder up").click()
    page.get_by_role("button", name=SHOWN[3]).click()
    page.get_by_role("button", name="Choose this folder").click()
    expect(page.get_by_label("Source", exact=True)).to_have_value(f"{tree}/Music/{SHOWN[3]}")


@pytest.fixture
def fenced(tmp_path: Path, tree: Path, server_mode: AsyncMode) -> Iterator[Product]:
    """A server that may look into one folder only, and from whose home."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "config.yaml").write_text(f"browse_roots: [{tree}]\n")
    (data / "config.yaml").chmod(0o600)
    product = Product(data, server_mode, HOME=str(tree))
    product.start()
    yield product
    product.stop()


def test_no_link_leads_out_of_the_roots(fenced: Product, new_visit: NewVisit, tree: Path) -> None:
    (tree / "escape").symlink_to("/etc")
    (tree / "within").symlink_to(tree / "Photos")
    page = open_dialog(new_visit(fenced.address))
    fill(page, tree)
    browse(page, "source")
    expect(page.get_by_role("button", name="One folder up")).to_have_count(0)
    page.get_by_role("button", name="escape").click()
    expect(page.get_by_text("not among the folders that may be looked into")).to_be_visible()
    expect(page.get_by_text("ssl", exact=True)).to_have_count(0)
    page.get_by_role("button", name=str(tree), exact=True).first.click()
    page.get_by_role("button", name="within").click()
    expect(page.get_by_role("button", name="2026")).to_be_visible()


def test_the_first_page_offers_folders_that_a_click_fills_in(fenced: Product, new_visit: NewVisit, tree: Path) -> None:
    for javascript in (True, False):
        page = new_visit(fenced.address, java_script_enabled=javascript).page
        page.goto("/")
        page.locator("#field-dest").fill(str(tree.parent / "copy"))
        page.get_by_role("button", name=f"{tree}/Photos").click()
        expect(page.locator("#field-source")).to_have_value(f"{tree}/Photos")
        expect(page.locator("#field-dest")).to_have_value(str(tree.parent / "copy"))
        offer = page.get_by_role("button", name=f"{tree}/Photos")
        expect(offer).to_have_attribute("aria-pressed", "true")
        if javascript:
            expect(offer).to_be_focused()
        expect(page.locator("#job-check")).to_contain_text(f"{tree.parent}/copy/Photos")


def test_three_answers_lead_to_a_preview(own_product: Product, new_visit: NewVisit, tree: Path) -> None:
    page = new_visit(own_product.address).page
    page.goto("/")
    page.locator("#field-source").fill(f"{tree}/Photos")
    page.locator("#field-dest").fill(str(tree.parent / "copy"))
    page.get_by_role("button", name="Show me a preview").click()
    page.wait_for_url("**/runs/*")
    expect(page.get_by_role("button", name=re.compile("Run exactly this"))).to_be_visible(timeout=30_000)
    assert not (tree.parent / "copy").exists()


def test_what_is_typed_while_check_is_answered_is_not_lost(visit: Visit, tree: Path) -> None:
    page = open_dialog(visit)
    fill(page, f"{tree}/Photos")
    page.get_by_label("Destination", exact=True).fill("/tmp/nowhere/deep")
    expect(page.locator("#job-check pre")).to_contain_text("/tmp/nowhere/deep")
    page.get_by_text("Speed limit").click()
    held = list[Route]()
    page.route("**/jobs/check", lambda route: held.append(route) if not held else route.continue_())
    with page.expect_request("**/jobs/check"):
        page.get_by_role("button", name="Check", exact=True).click()
    with page.expect_response("**/jobs/check"):
        page.get_by_label("At most").fill("700")
        held[0].continue_()
    expect(page.locator("#job-check pre")).to_contain_text("--bwlimit=700")


def test_words_room_and_command_follow_what_is_typed(visit: Visit, tree: Path) -> None:
    page = open_dialog(visit)
    fill(page, f"{tree}/Photos")
    page.get_by_label("Destination", exact=True).fill("/tmp/nowhere/deep")
    expect(page.locator("#job-check pre")).to_contain_text(f"-- {tree}/Photos /tmp/nowhere/deep")
    expect(page.locator("#room-dest")).to_contain_text("free of")
    asked = list[str]()
    page.on("request", lambda request: asked.append(request.post_data or "") if "/jobs/check" in request.url else None)
    page.get_by_label("Destination", exact=True).fill("/proc/nowhere")
    expect(page.locator("#job-check pre")).to_contain_text(f"-- {tree}/Photos /proc/nowhere")
    expect(page.locator("#room-dest")).to_contain_text("on /proc")
    assert sum("proc%2Fnowhere" in typed for typed in asked) == 1, "one answer has the words and the room"
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#room-now")).to_have_count(0)
    expect(page.locator("#room-dest")).to_contain_text("on /proc")
    page.get_by_label("Destination", exact=True).fill("/tmp/nowhere/deep")
    expect(page.get_by_label("Destination", exact=True)).to_be_focused()
    page.get_by_text("Speed limit").click()
    page.get_by_label("At most").fill("700")
    expect(page.locator("#job-check pre")).to_contain_text("--bwlimit=700")
    expect(page.locator("#job-check")).to_contain_text("At most 700 KiB/s")
    page.get_by_label("At most").fill("fast")
    expect(page.locator("#job-check")).to_contain_text("Write a whole number")
    expect(page.locator("#job-check pre")).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False])
def test_what_patterns_catch_is_told_in_the_form(
    product: Product, new_visit: NewVisit, tree: Path, javascript: bool
) -> None:
    page = new_visit(product.address, java_script_enabled=javascript).page
    page.goto("/jobs/create")
    fill(page, f"{tree}/")
    page.get_by_text("Leave out").first.click()
    page.locator("#field-exclude").fill("*.tmp\nnothing like it")
    page.get_by_role("button", name="What will this catch?").click()
    expect(page.locator("#job-catch")).to_contain_text("1 file would be left out, 5 bytes")
    expect(page.locator("#job-catch")).to_contain_text("Photos/a.tmp")
    expect(page.locator("#job-catch")).to_contain_text("nothing like it catches nothing")
    expect(page.locator("#field-exclude")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("My <photos>")


def test_a_slip_of_the_mouse_beside_the_dialog_loses_nothing(visit: Visit, tree: Path) -> None:
    page = open_dialog(visit)
    fill(page, tree)
    page.mouse.click(5, 400)
    expect(page.get_by_label("Name", exact=True)).to_have_value("My <photos>")
    expect(page.locator("dialog[open]")).to_have_count(1)


def test_the_first_wrong_field_has_the_focus_and_the_rest_is_kept(visit: Visit, tree: Path) -> None:
    visit.allow_status(422)
    page = open_dialog(visit)
    fill(page, "relative")
    page.get_by_text("Speed limit").click()
    page.get_by_label("At most").fill("fast")
    page.get_by_role("button", name="Create the job").click()
    expect(page.get_by_label("Source", exact=True)).to_be_focused()
    expect(page.locator("#field-bandwidth_limit-error")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("My <photos>")


def test_a_form_that_became_stale_stays_with_what_was_typed_and_can_be_sent_again(
    visit: Visit, product: Product, tree: Path
) -> None:
    visit.allow_status(403)
    page = open_dialog(visit)
    page.route("**/jobs/check", lambda route: route.fulfill(status=204))  # a refused one would end the staleness
    fill(page, f"{tree}/Photos")
    page.get_by_label("Destination", exact=True).fill(str(tree / "copy"))
    visit.live()
    visit.context.clear_cookies()
    create = page.get_by_role("button", name="Create the job")
    create.click()
    told = page.get_by_role("dialog").get_by_role("alert")
    expect(told).to_contain_text("Try again, or reload it first.")
    expect(told).to_be_in_viewport()
    expect(page.get_by_label("Name", exact=True)).to_have_value("My <photos>")
    create.click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert [job["name"] for job in product.jobs()] == ["My <photos>"]


def test_a_refusal_is_told_in_the_dialog_to_who_pressed_a_button_and_not_while_typing(
    visit: Visit, product: Product, tree: Path
) -> None:
    visit.allow_status(404)
    visit.allow("Status Error Code 404")
    job_id = product.server.create_job(tree / "Photos", tree / "copy", name="Photos")
    visit.go("/jobs/")
    visit.live()
    page = visit.page
    page.get_by_role("button", name="More for Photos").click()
    page.locator(":popover-open").get_by_text("Edit").click()
    product.server.api("DELETE", f"/jobs/{job_id}")
    with page.expect_response("**/jobs/check") as answer:
        page.get_by_label("Name", exact=True).fill("typed")
    assert answer.value.status == 404
    told = page.get_by_role("dialog").get_by_role("alert")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(told).to_be_in_viewport()
    expect(page.get_by_label("Name", exact=True)).to_have_value("typed")
    told.get_by_role("button", name="Close").click()
    expect(page.locator(".toast")).to_have_count(0)


@pytest.mark.parametrize("what", ["Edit", "Save as template…", "Tag…"])
def test_what_was_typed_stays_also_where_the_job_is_gone_and_why_is_told_beside_it(
    visit: Visit, product: Product, tree: Path, what: str
) -> None:
    visit.allow_status(404, 409)
    visit.allow("Status Error Code 404")
    job_id = product.server.create_job(tree / "Photos", tree / "copy", name="Photos")
    visit.go("/jobs/")
    visit.live()
    page = visit.page
    if what == "Tag…":
        page.get_by_role("checkbox", name="Select Photos").check()
    else:
        page.get_by_role("button", name="More for Photos").click()
    page.locator(":popover-open, #bulk").get_by_text(what).click()
    dialog = page.get_by_role("dialog")
    field = dialog.locator("#field-tag" if what == "Tag…" else "#field-name")
    field.fill("typed")
    product.server.api("DELETE", f"/jobs/{job_id}")
    dialog.get_by_role("button", name=re.compile("^(Save|Add)")).last.click()
    told = dialog.get_by_role("alert")
    expect(told).to_be_in_viewport()
    expect(field).to_have_value("typed")
    told.get_by_role("button", name="Close").click()
    expect(told).to_have_count(0)
    dialog.get_by_role("link", name=re.compile("Cancel|Close")).first.click()
    expect(page.locator("dialog[open]")).to_have_count(0)
