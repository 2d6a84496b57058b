"""The list of jobs used by a person: many at once by mouse, keys and plain forms; templates; keys that press things."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import PHONE, NewVisit, Product, Visit
from tests.servers import until

pytestmark = pytest.mark.browser
NAMES = ("Mail", "Music", "Photos")


@pytest.fixture
def jobs(product: Product, tmp_path: Path) -> dict[str, str]:
    """Three jobs by name; a run takes some seconds."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "file").write_bytes(bytes(6_000_000))
    server, settings = product.server, {"bandwidth_limit": 1000, "tags": ["family"]}
    return {
        name: server.create_job(source, tmp_path / f"copy of {name}", name=name, settings=settings) for name in NAMES
    }


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=f"Select {name}")


def bar(page: Page) -> Locator:
    return page.locator("#bulk")


def press(page: Page, word: str) -> None:
    bar(page).get_by_role("button", name=re.compile(word)).click()


def expect_count(page: Page, count: int) -> None:
    expect(bar(page).get_by_role("button", name=f"Start {count}", exact=True)).to_be_visible()


def test_many_jobs_are_started_and_the_busy_one_is_named(visit: Visit, product: Product, jobs: dict[str, str]) -> None:
    visit.go("/jobs/")
    visit.live()
    expect(bar(visit.page)).to_be_hidden()
    visit.page.get_by_role("button", name="Start: Mail").click()
    expect(visit.page.get_by_role("button", name="Pause: Mail")).to_be_visible()
    visit.page.get_by_role("checkbox", name="Select all on this page").check()
    assert all(box(visit.page, name).is_checked() for name in NAMES)
    expect_count(visit.page, 3)
    press(visit.page, "Start")
    toast = visit.page.locator(".toast[data-tone='warn']")
    expect(toast).to_contain_text("2 jobs started, 1 refused")
    expect(toast).to_contain_text("Mail: This job is already running.")
    expect(bar(visit.page)).to_be_hidden()
    for name in NAMES:
        expect(visit.page.get_by_role("button", name=f"Pause: {name}")).to_be_visible()


def test_what_is_ticked_stays_ticked_while_the_list_moves(visit: Visit, product: Product, jobs: dict[str, str]) -> None:
    visit.go("/jobs/?sort=state")
    visit.live()
    box(visit.page, "Photos").check()
    all_boxes = visit.page.get_by_role("checkbox", name="Select all on this page")
    assert all_boxes.evaluate("box => box.indeterminate")
    product.server.start(jobs["Music"])
    expect(visit.page.get_by_role("button", name="Pause: Music")).to_be_visible()
    expect(visit.page.locator("li.job-row").first).to_contain_text("Music")
    assert [box(visit.page, name).is_checked() for name in NAMES] == [False, False, True]
    assert all_boxes.evaluate("box => box.indeterminate")
    expect_count(visit.page, 1)


def test_an_open_menu_stays_that_of_its_job_while_the_list_moves(
    visit: Visit, product: Product, jobs: dict[str, str]
) -> None:
    visit.go("/jobs/?sort=state")
    visit.live()
    expect(visit.page.locator("li.job-row").first).to_contain_text("Mail")
    visit.page.get_by_role("button", name="More for Mail").click()
    opened = "document.querySelector('.menu:popover-open form')?.getAttribute('action')"
    assert visit.page.evaluate(opened) == f"/jobs/{jobs['Mail']}/do"
    product.server.start(jobs["Music"])
    expect(visit.page.locator("li.job-row").first).to_contain_text("Music")
    assert visit.page.evaluate(opened) in (None, f"/jobs/{jobs['Mail']}/do")
    visit.page.keyboard.press("Escape")
    visit.page.get_by_role("button", name="More for Mail").click()
    assert visit.page.evaluate(opened) == f"/jobs/{jobs['Mail']}/do"


def test_jobs_are_tagged_and_deleted_by_the_keyboard_alone(
    visit: Visit, product: Product, jobs: dict[str, str]
) -> None:
    visit.go("/jobs/")
    box(visit.page, "Mail").focus()
    visit.page.keyboard.press("Space")
    visit.page.keyboard.press("Enter")
    assert len(product.jobs()) == 3
    assert not any(job["active_run_id"] for job in product.jobs()), "Enter on a box presses nothing"
    bar(visit.page).get_by_role("button", name="Tag…").focus()
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_label("Tag", exact=True)).to_be_focused()
    visit.page.keyboard.type("off site")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("dialog")).to_be_hidden()
    expect(visit.page.locator(f"#job-{jobs['Mail']}").get_by_role("link", name="off site")).to_be_visible()
    box(visit.page, "Mail").focus()
    visit.page.keyboard.press("Space")
    bar(visit.page).get_by_role("button", name="Delete…").focus()
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("link", name="Keep it")).to_be_focused()
    visit.page.keyboard.press("Tab")
    visit.page.keyboard.press("Enter")
    expect(box(visit.page, "Mail")).to_have_count(0)
    assert sorted(job["name"] for job in product.jobs()) == ["Music", "Photos"]


def test_without_scripts_many_jobs_are_disabled_and_deleted(
    product: Product, new_visit: NewVisit, jobs: dict[str, str]
) -> None:
    visit = new_visit(product.address, java_script_enabled=False)
    visit.go("/jobs/?tag=family&sort=updated")
    expect(bar(visit.page)).to_be_hidden()
    box(visit.page, "Mail").check()
    expect(bar(visit.page)).to_be_visible()
    press(visit.page, "All on this page")
    assert all(box(visit.page, name).is_checked() for name in NAMES)
    box(visit.page, "Photos").uncheck()
    press(visit.page, "Disable")
    visit.page.wait_for_url("**/jobs/?tag=family&sort=updated")
    expect(visit.page.locator(".toast")).to_contain_text("2 jobs disabled")
    assert {job["name"]: job["settings"]["enabled"] for job in product.jobs()} == {
        "Mail": False,
        "Music": False,
        "Photos": True,
    }
    for name in ("Mail", "Music"):
        box(visit.page, name).check()
    press(visit.page, "Delete")
    expect(visit.page.get_by_text("Delete 2 jobs?")).to_be_visible()
    visit.page.get_by_role("button", name="Delete 2 jobs").click()
    expect(visit.page.locator(".toast")).to_contain_text("2 jobs deleted")
    assert [job["name"] for job in product.jobs()] == ["Photos"]


def test_on_a_phone_boxes_come_when_they_are_asked_for(
    product: Product, new_visit: NewVisit, jobs: dict[str, str]
) -> None:
    visit = new_visit(product.address, size=PHONE)
    visit.go("/jobs/")
    expect(box(visit.page, "Mail")).to_be_hidden()
    visit.page.get_by_text("Select", exact=True).click()
    target = visit.page.locator(f"#job-{jobs['Mail']} .mark").bounding_box()
    assert target is not None
    assert min(target["width"], target["height"]) >= 44
    box(visit.page, "Mail").check()
    expect(bar(visit.page)).to_be_in_viewport()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


# The menu


def menu(page: Page, name: str, entry: str) -> None:
    page.get_by_role("button", name=f"More for {name}", exact=True).click()
    page.locator("[popover]:popover-open").get_by_text(entry, exact=True).click()


def test_a_copy_is_made_and_starts_nothing(visit: Visit, product: Product, jobs: dict[str, str]) -> None:
    visit.go("/jobs/")
    visit.live()
    menu(visit.page, "Mail", "Duplicate")
    expect(visit.page.locator(".toast")).to_contain_text("Mail (copy) created")
    expect(visit.page.get_by_role("button", name="Enable: Mail (copy)")).to_be_visible()
    visit.page.get_by_role("button", name="Enable: Mail (copy)").click()
    expect(visit.page.get_by_role("button", name="Start: Mail (copy)")).to_be_visible()
    assert all(product.runs(job["id"]) == [] for job in product.jobs())


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_template_goes_round_to_a_new_job(
    product: Product, new_visit: NewVisit, jobs: dict[str, str], tmp_path: Path, scripts: bool
) -> None:
    visit = new_visit(product.address, java_script_enabled=scripts, accept_downloads=True)
    visit.go("/jobs/")
    menu(visit.page, "Mail", "Save as template…")
    visit.page.get_by_label("Name of the template").fill(f"Nightly {scripts}")
    visit.page.get_by_role("button", name="Save the template").click()
    expect(visit.page.locator(".toast")).to_contain_text(f"Template Nightly {scripts} saved")
    visit.go("/templates/")
    with visit.page.expect_download() as saved:
        visit.page.get_by_role("link", name=f"Export: Nightly {scripts}").click()
    shared = tmp_path / "shared.yaml"
    saved.value.save_as(shared)
    assert saved.value.suggested_filename == f"Nightly-{scripts}.yaml"
    visit.page.get_by_role("link", name=f"Delete: Nightly {scripts}").click()
    visit.page.get_by_role("button", name="Delete the template").click()
    expect(visit.page.get_by_role("link", name=f"Export: Nightly {scripts}")).to_have_count(0)
    visit.go("/templates/import")
    visit.page.get_by_label("Or the file").set_input_files(shared)
    visit.page.get_by_role("button", name="Fill in the form of a new job").click()
    visit.page.get_by_label("Name", exact=True).fill("From afar")
    expect(visit.page.get_by_label("Destination", exact=True)).to_have_value(str(tmp_path / "copy of Mail"))
    visit.page.get_by_role("button", name="Create the job").click()
    visit.page.wait_for_url(re.compile("/jobs/[0-9a-f-]{36}$"))
    made = next(job for job in product.jobs() if job["name"] == "From afar")
    assert made["settings"]["tags"] == ["family"]
    assert made["settings"]["bandwidth_limit"] == 1000


def test_hostile_yaml_stays_typed_and_runs_nothing(visit: Visit, product: Product) -> None:
    visit.allow_status(422)
    visit.go("/templates/import")
    text = "backup_manager_job: 1\nname: </textarea><script>alert(1)</script>\ntype: !!python/name:os.system x\n"
    visit.page.get_by_label("What “Export” gave").fill(text)
    visit.page.get_by_role("button", name="Keep as a template").click()
    expect(visit.page.locator("#field-text-error")).to_contain_text("Line 3: the tag")
    expect(visit.page.get_by_label("What “Export” gave")).to_have_value(text)
    assert product.jobs() == []


# Why a job waits


def test_a_waiting_job_leads_to_the_one_that_blocks(visit: Visit, product: Product, jobs: dict[str, str]) -> None:
    mail = next(job for job in product.jobs() if job["name"] == "Mail")
    behind = product.server.create_job(Path(mail["source"]), Path(mail["dest"]), name="Behind")
    visit.go("/jobs/")
    visit.live()
    product.server.start(jobs["Mail"])
    product.server.start(behind)
    row = visit.page.locator(f"#job-{behind}")
    expect(row.locator(".why")).to_contain_text("is being written by Mail")
    row.locator(".why").get_by_role("link", name="Mail").click()
    visit.page.wait_for_url(f"**/jobs/{jobs['Mail']}")


# Keys


def test_keys_go_and_open_and_rest_in_fields(visit: Visit, product: Product, jobs: dict[str, str]) -> None:
    visit.go("/")
    keys = visit.page.keyboard
    for second, path in (("j", "/jobs/"), ("l", "/logs/"), ("s", "/settings/"), ("d", "/"), ("j", "/jobs/")):
        keys.press("g")
        keys.press(second)
        visit.page.wait_for_url(f"{visit.address}{path}")
    keys.press("/")
    expect(visit.page.get_by_role("searchbox")).to_be_focused()
    keys.type("gn?/mu")
    expect(visit.page.get_by_role("searchbox")).to_have_value("gn?/mu")
    expect(visit.page.get_by_role("dialog")).to_be_hidden()
    visit.page.get_by_role("searchbox").blur()
    keys.press("?")
    expect(visit.page.get_by_role("dialog")).to_contain_text("Go to the dashboard")
    keys.press("n")
    expect(visit.page.get_by_role("dialog")).to_contain_text("Go to the dashboard")
    keys.press("Escape")
    expect(visit.page.get_by_role("dialog")).to_be_hidden()
    keys.press("n")
    expect(visit.page.get_by_role("dialog")).to_contain_text("New job")


def test_keys_can_be_switched_off(visit: Visit, product: Product, jobs: dict[str, str]) -> None:
    page, asked = visit.page, list[str]()
    visit.go("/settings/")
    page.get_by_role("checkbox", name="Keyboard shortcuts").uncheck()
    visit.go("/jobs/")
    visit.live()
    page.on("request", lambda request: asked.append(request.url.removeprefix(visit.address)))
    for key in ("n", "?", "/", "g", "s"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement === document.body")
    other = visit.open()
    other.goto("/settings/")
    other.get_by_role("checkbox", name="Keyboard shortcuts").check()
    visit.wait("document.documentElement.dataset.prefShortcuts === 'on'")
    page.keyboard.press("n")
    expect(page.get_by_role("dialog")).to_contain_text("New job")
    assert [path for path in asked if path in {"/jobs/create", "/keys"}] == ["/jobs/create"], "nothing was before"
    assert page.url.endswith("/jobs/")


# Filters


def test_filters_survive_updates_and_the_way_back(visit: Visit, product: Product, jobs: dict[str, str]) -> None:
    product.server.api("PATCH", f"/jobs/{jobs['Photos']}", json={"settings": {"tags": ["alone"]}})
    visit.go("/jobs/")
    visit.live()
    visit.page.locator(f"#job-{jobs['Mail']}").get_by_role("link", name="family").click()
    visit.page.wait_for_url("**/jobs/?tag=family")
    rows = visit.page.locator("li.job-row")
    expect(rows).to_have_count(2)
    visit.page.get_by_role("searchbox").press_sequentially("mus")
    expect(rows).to_have_count(1)
    until(lambda: visit.page.url.endswith("/jobs/?search=mus&tag=family"), 5)
    visit.live()
    product.server.start(jobs["Music"])
    expect(visit.page.get_by_role("button", name="Pause: Music")).to_be_visible()
    expect(rows).to_have_count(1)
    visit.page.locator("#job-" + jobs["Music"]).get_by_role("link", name="Music", exact=True).click()
    visit.page.wait_for_url(f"**/jobs/{jobs['Music']}")
    visit.page.go_back()
    expect(rows).to_have_count(1)
    expect(visit.page.get_by_role("searchbox")).to_have_value("mus")
