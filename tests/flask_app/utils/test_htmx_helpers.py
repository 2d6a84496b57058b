"""Answers to htmx and to plain forms."""

import pytest
from flask import Flask

from flask_app.utils.htmx_helpers import refusal, refusal_page, wants_fragment
from models.errors import JobBusy, RunNotFound

HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503])
def test_every_refusal_is_a_page_with_a_way_back_or_a_toast(app: Flask, status: int) -> None:
    with app.test_request_context("/"):
        page = refusal_page(status, "Because.")
        assert page.status_code == status
        assert "Because." in page.get_data(as_text=True)
        assert 'href="/jobs/"' in page.get_data(as_text=True)
    with app.test_request_context("/", headers=HTMX):
        toast = refusal_page(status, "Because.")
        assert toast.headers["HX-Retarget"] == "#toasts"
        assert 'role="alert"' in toast.get_data(as_text=True)
        assert "<html" not in toast.get_data(as_text=True)


def test_what_is_not_there_is_named_by_the_title(app: Flask) -> None:
    with app.test_request_context("/"):
        assert ">There is no such run</h1>" in refusal(RunNotFound()).get_data(as_text=True)
        assert ">This cannot be done now</h1>" in refusal(JobBusy("It runs.")).get_data(as_text=True)


def test_a_page_restored_from_history_is_a_whole_page(app: Flask) -> None:
    with app.test_request_context("/", headers=HTMX):
        assert wants_fragment()
    with app.test_request_context("/", headers=HTMX | {"HX-History-Restore-Request": "true"}):
        assert not wants_fragment()
