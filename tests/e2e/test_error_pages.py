"""Every refusal and failure in a real browser: a page in the product's style, or a toast where htmx asked."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask, abort, request
from playwright.sync_api import expect
from werkzeug.serving import make_server

from flask_app.roles import VIEWER, needs
from tests.e2e.browser import PHONE, WIDE, NewVisit
from tests.e2e.judging import NARROW, found_by_axe, too_small, too_wide

pytestmark = pytest.mark.browser
STATUSES = (400, 403, 404, 409, 413, 422, 429, 500, 503)
LOOKS = [("light", WIDE), ("dark", PHONE)]


@pytest.fixture
def refusing(app: Flask) -> Iterator[str]:
    """The address of a server whose Settings page answers with the status that it is asked for."""

    @needs(VIEWER)
    def refuse() -> str:
        abort(int(request.args["status"]))

    app.view_functions["settings.index"] = refuse
    app.view_functions["settings.save"] = refuse
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("scheme", "size"), LOOKS, ids=["light 1280", "dark 390"])
def test_an_error_has_a_page_that_says_what_happened_and_leads_back(
    refusing: str, new_visit: NewVisit, scheme: str, size: tuple[int, int]
) -> None:
    visit = new_visit(refusing, color_scheme=scheme, size=size, bypass_csp=True, java_script_enabled=True)
    visit.allow("status of", "WebSocket", "socket.io")
    found, page = {}, visit.page
    for status in STATUSES:
        visit.go(f"/settings/?status={status}")
        expect(page.locator("main")).to_contain_text(str(status))
        assert page.locator("main h1").inner_text() not in ("", str(status)), "a bare number"
        expect(page.locator("main").get_by_role("link", name="All jobs")).to_be_visible()
        found[status] = [*found_by_axe(page), *too_small(page), *too_wide(page, NARROW)]
    assert {status: seen for status, seen in found.items() if seen} == {}


@pytest.mark.parametrize("status", [403, 409, 422, 429, 503])
def test_a_refusal_of_what_was_clicked_is_a_toast_that_stays(refusing: str, new_visit: NewVisit, status: int) -> None:
    visit = new_visit(refusing, bypass_csp=True)
    visit.allow("status of", "WebSocket", "socket.io")
    visit.page.clock.install()
    visit.go("/jobs/")
    ask = "(path) => htmx.ajax('GET', path, { target: '#toasts', swap: 'beforeend', event: new Event('click') })"
    visit.page.evaluate(ask, f"/settings/?status={status}")
    toast = visit.page.locator(".toast[role=alert]")
    expect(toast).to_be_visible()
    visit.page.clock.run_for(10_000)
    expect(toast).to_be_visible()
    assert found_by_axe(visit.page) == []
    toast.get_by_role("button", name="Close").click()
    expect(toast).to_have_count(0)
