"""A life with an account, in real browsers: the first one by its code, logging in and out, passwords and tokens."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from flask_app.listen import AsyncMode
from tests.e2e.browser import PHONE, NewVisit, Product, Visit
from tests.e2e.judging import NARROW, ZOOMED, found_by_axe, too_small, too_wide
from tests.servers import DEADLINE, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
CODE = re.compile(r"[A-Z2-9]{4}(?:-[A-Z2-9]{4}){3}")
PASSWORD, OTHER = "correct horse battery", "staple correct horse"


@pytest.fixture
def guarded(tmp_path: Path, server_mode: AsyncMode) -> Iterator[Product]:
    """A server that asks everybody for an account, and has none yet."""
    product = Product(tmp_path / "data", server_mode, BACKUP_MANAGER_AUTH="required")
    product.start()
    yield product
    product.stop()


def window(new_visit: NewVisit, product: Product, **options: object) -> Visit:
    visit = new_visit(product.address, bypass_csp=True, reduced_motion="reduce", **options)
    visit.allow_status(400, 401, 403, 422)
    return visit


def is_well(page: Page) -> None:
    """For axe, for thumbs, on a narrow screen and zoomed."""
    assert [*found_by_axe(page), *too_small(page), *too_wide(page, NARROW, ZOOMED)] == []


def printed_code(product: Product) -> str:
    return str(until(lambda: next(iter(CODE.findall(product.server.printed.read_text())), "")))


def make_first(page: Page, code: str) -> None:
    page.get_by_label("One-time code").fill(code)
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the first account").click()


def log_in(page: Page, password: str, stays: bool = False) -> None:
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(password)
    if stays:
        page.get_by_label("Stay logged in").check()
    page.get_by_role("button", name="Log in").click()


def asked_by_curl(product: Product, token: str) -> str:
    """The status that a script sees, sent as docs/accounts.md says."""
    command = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Authorization: Bearer {token}"]
    asked = [*command, f"{product.address}/api/v1/jobs"]
    return subprocess.run(asked, capture_output=True, text=True, timeout=DEADLINE, check=True).stdout


def make_token(page: Page, name: str) -> str:
    page.get_by_label("New token").fill(name)
    page.get_by_label("It may").select_option("viewer")
    page.get_by_role("button", name="Make a token").click()
    return page.get_by_label("The token").inner_text()


def lasts(visit: Visit) -> bool:
    """Whether the session's cookie stays when the browser is closed."""
    (cookie,) = (one for one in visit.context.cookies() if one.get("name") == "backup_manager")
    assert cookie.get("httpOnly")
    assert cookie.get("sameSite") == "Lax"
    return cookie.get("expires", -1) > 0


def test_a_life_with_an_account(guarded: Product, new_visit: NewVisit) -> None:
    first, second = window(new_visit, guarded), window(new_visit, guarded, size=PHONE, color_scheme="dark")
    page, phone = first.page, second.page

    first.go("/jobs/?search=photos")
    expect(page.get_by_role("heading", name="Make the first account")).to_be_visible()
    is_well(page)
    code = printed_code(guarded)
    make_first(page, code[::-1])
    expect(page.locator("#field-code-error")).to_contain_text("This is not the code.")
    is_well(page)
    make_first(page, code)
    page.wait_for_url("**/jobs/?search=photos")
    assert not lasts(first)

    second.go("/")
    expect(phone.get_by_role("heading", name="Log in")).to_be_visible()
    is_well(phone)
    log_in(phone, "wrong horse")
    expect(phone.get_by_role("alert")).to_have_text("Name or password is wrong.")
    expect(phone.get_by_label("Name")).to_have_value("anna")
    expect(phone.get_by_label("Password")).to_have_value("")
    is_well(phone)
    log_in(phone, PASSWORD, stays=True)
    phone.wait_for_url(f"{guarded.address}/")
    assert lasts(second)
    second.live()

    first.go("/account/")
    expect(page.locator("#logins .tag")).to_have_text(["this browser"])
    expect(page.locator("#logins").get_by_role("button", name=re.compile("^Log out: "))).to_have_count(1)
    page.get_by_label("Present password").fill("wrong horse")
    page.get_by_label("New password").fill(OTHER)
    page.get_by_role("button", name="Change password").click()
    expect(page.locator("#field-present-error")).to_contain_text("This is not the present password.")
    is_well(page)
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password").fill(OTHER)
    page.get_by_role("button", name="Change password").click()
    expect(page.locator("#toasts")).to_contain_text("Password changed")
    phone.wait_for_url(re.compile(r"/login\?next="))
    log_in(phone, PASSWORD)
    expect(phone.get_by_role("alert")).to_have_text("Name or password is wrong.")

    token = make_token(page, "curl")
    is_well(page)
    assert asked_by_curl(guarded, token) == "200"
    first.go("/account/")
    expect(page.get_by_text(token)).to_have_count(0)
    page.get_by_role("button", name="Revoke: curl").click()
    expect(page.locator("#toasts")).to_contain_text("Token curl revoked")
    assert asked_by_curl(guarded, token) == "401"

    first.go("/accounts/")
    page.locator("#accounts summary").click()
    is_well(page)
    page.get_by_role("link", name="Remove…").click()
    expect(page.get_by_role("heading", name="Remove the account anna?")).to_be_visible()
    assert found_by_axe(page) == []
    first.go("/account/")
    page.get_by_role("button", name="Log out", exact=True).click()
    page.wait_for_url("**/login")
    page.go_back()
    page.wait_for_url(re.compile(r"/login\?next="))
    first.go("/jobs/")
    assert "/login" in page.url
    printed = guarded.server.printed.read_text()
    assert not [secret for secret in (PASSWORD, OTHER, token) if secret in printed]


def test_by_plain_forms(guarded: Product, new_visit: NewVisit) -> None:
    visit, other = (window(new_visit, guarded, java_script_enabled=False) for _ in range(2))
    page = visit.page
    visit.go("/")
    make_first(page, printed_code(guarded))
    page.wait_for_url(f"{guarded.address}/")
    other.go("/jobs/")
    log_in(other.page, "wrong horse")
    expect(other.page.get_by_role("alert")).to_have_text("Name or password is wrong.")
    log_in(other.page, PASSWORD)
    other.page.wait_for_url("**/jobs/")

    visit.go("/account/")
    page.locator("#logins").get_by_role("button", name=re.compile("^Log out: ")).click()
    expect(page.get_by_text("Logged out there")).to_be_visible()
    other.go("/jobs/")
    assert other.page.url.endswith("/login?next=/jobs/")
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password").fill(OTHER)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Password changed")).to_be_visible()
    assert asked_by_curl(guarded, make_token(page, "curl")) == "200"

    visit.go("/accounts/")
    page.get_by_label("Name", exact=True).fill("bert")
    page.locator("#field-password").fill(PASSWORD)
    page.get_by_role("button", name="Add the account").click()
    expect(page.get_by_text("Account bert added")).to_be_visible()
    page.locator("#accounts summary").nth(1).click()
    page.locator("#accounts").get_by_role("link", name="Remove…").click()
    page.get_by_role("button", name="Remove the account").click()
    expect(page.get_by_text("Account bert removed")).to_be_visible()
    visit.go("/account/")
    page.get_by_role("button", name="Log out", exact=True).click()
    page.wait_for_url("**/login")
