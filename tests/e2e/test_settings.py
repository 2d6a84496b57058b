"""The settings page in a real browser: sections saved without a reload, refusals beside fields, questions, ssh keys."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core.known_hosts import KnownHosts
from core.ssh_keys import SshKeys
from storage.data_folder import DataFolder
from tests.e2e.browser import PHONE, NewVisit, Product
from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.browser
BLOB = "AAAAC3NzaC1lZDI1NTE5AAAAIH6G5nJ0mJ7wH1h1m3cRk7pQ9l3y8Jm2o4b0fQWmYk1P"


@pytest.fixture
def tidy_product(product: Product) -> Iterator[Product]:
    """The shared server; at the end without keys and hosts, and at its defaults."""
    yield product
    keys, folder = SshKeys(DataFolder(product.data)), DataFolder(product.data)
    for key in keys.all():
        keys.delete(key.name)
    folder.known_hosts.unlink(missing_ok=True)
    visitor = Visitor(product.port)
    visitor.get("/settings/")
    visitor.post("/settings/reset")


def section(page: Page, name: str) -> Locator:
    return page.locator(f"section#{name}")


def save(page: Page, name: str) -> None:
    section(page, name).get_by_role("button", name="Save").click()


def test_a_section_is_saved_without_a_reload(tidy_product: Product, new_visit: NewVisit) -> None:
    visit = new_visit(tidy_product.address)
    visit.go("/settings/")
    visit.page.evaluate("window.isTheSamePage = true")
    visit.page.locator("#field-nice").fill("12")
    visit.page.locator("#field-max_retry_attempts").fill("4")
    save(visit.page, "defaults")
    defaults = section(visit.page, "defaults")
    expect(defaults.get_by_text("Saved", exact=True)).to_be_visible()
    expect(visit.page.locator(".toast")).to_contain_text("Defaults saved")
    expect(visit.page.locator("#announcer")).to_have_text("Defaults saved")
    expect(visit.page.locator("#field-nice")).to_have_value("12")  # typed in another section, not yet saved
    assert "max_retry_attempts: 4" in (tidy_product.data / "settings.yaml").read_text()
    assert (
        not (tidy_product.data / "config.yaml").exists() or "12" not in (tidy_product.data / "config.yaml").read_text()
    )
    visit.page.locator("#field-max_retry_attempts").fill("10")
    expect(defaults.get_by_text("Saved", exact=True)).to_have_count(0)
    save(visit.page, "defaults")
    expect(defaults.get_by_text("Saved", exact=True)).to_be_visible()
    assert "max_retry_attempts: 10" in (tidy_product.data / "settings.yaml").read_text()
    save(visit.page, "tools")
    expect(section(visit.page, "tools").get_by_text("Saved", exact=True)).to_be_visible()
    assert "nice: 12" in (tidy_product.data / "config.yaml").read_text()
    assert visit.page.evaluate("window.isTheSamePage")


def test_a_wrong_value_is_told_beside_its_field_and_the_focus_goes_there(
    tidy_product: Product, new_visit: NewVisit
) -> None:
    visit = new_visit(tidy_product.address)
    visit.allow_status(422)
    visit.go("/settings/")
    visit.page.locator("#field-auto_refresh_interval").fill("900")
    visit.page.locator("#field-network_check_interval").fill("7")
    save(visit.page, "service")
    expect(visit.page.locator("#field-auto_refresh_interval-error")).to_have_text("This can be 1 to 60.")
    expect(visit.page.locator("#field-auto_refresh_interval")).to_have_value("900")
    expect(visit.page.locator("#field-network_check_interval")).to_have_value("7")
    section(visit.page, "service").get_by_role("link", name="Refresh", exact=True).click()
    expect(visit.page.locator("#field-auto_refresh_interval")).to_be_focused()
    visit.page.locator("#field-auto_refresh_interval").fill("3")
    save(visit.page, "service")
    expect(section(visit.page, "service").get_by_text("Saved", exact=True)).to_be_visible()
    expect(visit.page.locator(".field-error")).to_have_count(0)


def test_a_reset_is_asked_about_in_a_dialog_and_changes_its_section_in_place(
    tidy_product: Product, new_visit: NewVisit
) -> None:
    visit = new_visit(tidy_product.address)
    visit.go("/settings/")
    visit.page.evaluate("window.isTheSamePage = true")
    visit.page.locator("#field-log_days").fill("7")
    save(visit.page, "keeping")
    expect(section(visit.page, "keeping").get_by_text("Saved", exact=True)).to_be_visible()
    reset = section(visit.page, "keeping").get_by_role("link", name="Reset to defaults…")
    reset.click()
    dialog = visit.page.get_by_role("dialog")
    expect(dialog).to_contain_text("7 becomes 90.")
    expect(dialog.get_by_role("link", name="Keep them")).to_be_focused()
    dialog.get_by_role("link", name="Keep them").click()
    expect(visit.page.locator("#field-log_days")).to_have_value("7")
    expect(reset).to_be_focused()
    reset.click()
    dialog.get_by_role("button", name="Reset to defaults").click()
    expect(dialog).to_be_hidden()
    expect(visit.page.locator("#field-log_days")).to_have_value("90")
    expect(visit.page.locator(".toast").last).to_contain_text("Logs and history reset")
    assert visit.page.evaluate("window.isTheSamePage")


def test_a_key_is_made_shown_and_deleted(tidy_product: Product, new_visit: NewVisit) -> None:
    visit = new_visit(tidy_product.address)
    visit.allow_status(422)
    visit.go("/settings/")
    keys = section(visit.page, "keys")
    for name, outcome in (("no such/name", ".field-error"), ("nas", "details[open]")):
        keys.get_by_label("New key").fill(name)
        keys.get_by_role("button", name="Create key").click()
        expect(keys.locator(outcome)).to_be_visible()
    made = SshKeys(DataFolder(tidy_product.data)).get("nas")
    expect(keys.get_by_label("Public part")).to_have_text(made.public)
    keys.get_by_label("Public part").click()
    assert visit.page.evaluate("getSelection().toString()").strip() == made.public
    keys.get_by_role("link", name="Delete…").click()
    dialog = visit.page.get_by_role("dialog")
    expect(dialog).to_contain_text("No job uses it.")
    dialog.get_by_role("button", name="Delete the key").click()
    expect(keys.locator("details")).to_have_count(0)
    assert SshKeys(DataFolder(tidy_product.data)).all() == ()


def test_a_known_host_is_forgotten_after_a_question(tidy_product: Product, new_visit: NewVisit) -> None:
    path = DataFolder(tidy_product.data).known_hosts
    path.write_text(f"[nas.lan]:2222 ssh-ed25519 {BLOB} accepted:2026-11-20T07:02:04.123Z\n")
    visit = new_visit(tidy_product.address)
    visit.go("/settings/")
    visit.page.get_by_role("link", name="Forget: nas.lan").click()
    visit.page.get_by_role("dialog").get_by_role("button", name="Forget the host").click()
    expect(section(visit.page, "hosts")).to_contain_text("None yet.")
    assert KnownHosts(path).all() == ()


@pytest.mark.parametrize("size", [PHONE, (1280, 900)], ids=["phone", "desktop"])
def test_the_links_to_sections_lead_there_and_say_where_one_is(
    tidy_product: Product, new_visit: NewVisit, size: tuple[int, int]
) -> None:
    visit = new_visit(tidy_product.address, size=size)
    visit.go("/settings/")
    links = visit.page.get_by_role("navigation", name="Sections")
    expect(links.locator("[aria-current='true']")).to_have_text("Defaults")
    links.get_by_role("link", name="SSH keys").click()
    expect(section(visit.page, "keys").get_by_role("heading")).to_be_in_viewport()
    expect(links.locator("[aria-current='true']")).to_have_text("SSH keys")


def test_a_preference_is_kept_in_this_browser(tidy_product: Product, new_visit: NewVisit) -> None:
    visit = new_visit(tidy_product.address)
    visit.go("/settings/")
    visit.page.get_by_label("Motion").uncheck()
    visit.go("/settings/")
    expect(visit.page.get_by_label("Motion")).not_to_be_checked()
    expect(visit.page.get_by_label("Keyboard shortcuts")).to_be_checked()
    assert visit.page.evaluate("document.documentElement.getAttribute('data-pref-motion')") == "off"


def test_without_javascript_everything_is_done_by_plain_forms(tidy_product: Product, new_visit: NewVisit) -> None:
    visit = new_visit(tidy_product.address, java_script_enabled=False)
    visit.allow_status(422)
    page = visit.page
    visit.go("/settings/")
    page.locator("#field-log_days").fill("x")
    save(page, "keeping")
    expect(page.locator("#field-log_days-error")).to_be_visible()
    page.locator("#field-log_days").fill("8")
    save(page, "keeping")
    expect(page.locator("#field-log_days")).to_have_value("8")
    page.get_by_label("Carry on after a restart").check()
    save(page, "service")
    expect(page.get_by_label("Carry on after a restart")).to_be_checked()
    section(page, "keeping").get_by_role("link", name="Reset to defaults…").click()
    page.get_by_role("button", name="Reset to defaults").click()
    expect(page.locator("#field-log_days")).to_have_value("90")
    page.get_by_label("New key").fill("nas")
    page.get_by_role("button", name="Create key").click()
    page.locator("#keys summary").click()
    page.locator("#keys").get_by_role("link", name="Delete…").click()
    page.get_by_role("button", name="Delete the key").click()
    expect(page.locator("#keys summary")).to_have_count(0)
    section(page, "tools").get_by_role("button", name="Check again").click()
    expect(section(page, "tools")).to_contain_text("rsync")


def test_a_broken_file_is_named_and_what_was_typed_stays(own_product: Product, new_visit: NewVisit) -> None:
    file = Path(own_product.data / "config.yaml")
    file.write_text("nice: calm\n")
    visit = new_visit(own_product.address)
    visit.allow_status(409)
    visit.go("/settings/")
    expect(visit.page.locator("#notices")).to_contain_text("config.yaml, line 1: `nice` must be a whole number")
    visit.page.locator("#field-log_days").fill("8")
    save(visit.page, "keeping")
    expect(section(visit.page, "keeping").get_by_role("alert")).to_contain_text("config.yaml, line 1")
    expect(visit.page.locator("#field-log_days")).to_have_value("8")
    assert file.read_text() == "nice: calm\n"
    file.write_text("nice: 3\n")
    save(visit.page, "keeping")
    expect(section(visit.page, "keeping").get_by_text("Saved", exact=True)).to_be_visible()
    assert file.read_text() == "nice: 3\nlog_days: 8\n"
