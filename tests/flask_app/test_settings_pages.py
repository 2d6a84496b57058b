"""Settings that work now, the tools, the storage and the version."""

from typing import Any

import pytest

from models.settings import Settings
from tests.flask_app.pages import Pages

TYPED: dict[str, Any] = {"default_bandwidth_limit": "5000", "max_retry_attempts": "3", "auto_refresh_interval": "10"}


def test_the_page_shows_defaults_tools_storage_and_version(pages: Pages) -> None:
    page = pages.get("/settings/").text
    for words in (
        'name="default_bandwidth_limit"',
        "rsync",
        str(pages.core.folder.root),
        "free of",
        "Backup Manager 0.1.0",
    ):
        assert words in page


def test_what_is_saved_holds_and_other_settings_stay(pages: Pages) -> None:
    assert pages.post("/settings/save", **TYPED).status_code == 303
    settings = pages.core.settings.load()
    assert (settings.default_bandwidth_limit, settings.max_retry_attempts, settings.auto_refresh_interval) == (
        5000,
        3,
        10,
    )
    assert settings.network_check_interval == Settings().network_check_interval


def test_with_htmx_saving_is_told_by_a_toast(pages: Pages) -> None:
    answer = pages.post("/settings/save", htmx=True, **TYPED)
    assert answer.status_code == 200
    assert "Settings saved" in answer.text


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("max_retry_attempts", "0"),
        ("auto_refresh_interval", "61"),
        ("default_bandwidth_limit", ""),
        ("max_retry_attempts", "x" * 10_000),
        ("network_check_interval", "4"),
    ],
)
def test_a_wrong_value_is_422_beside_its_field_and_saves_nothing(pages: Pages, field: str, wrong: str) -> None:
    for htmx in (True, False):
        answer = pages.post("/settings/save", htmx=htmx, **TYPED | {field: wrong})
        assert answer.status_code == 422
        assert f'id="field-{field}-error"' in answer.text
        assert f'value="{wrong}"' in answer.text
    assert pages.core.settings.load() == Settings()


def test_how_copies_are_checked_is_one_of_three(pages: Pages) -> None:
    assert pages.post("/settings/save", **TYPED | {"verification_mode": "verify_after"}).status_code == 303
    assert pages.core.settings.load().verification_mode == "verify_after"
    assert 'value="verify_after" checked' in pages.get("/settings/").text
    answer = pages.post("/settings/save", **TYPED | {"verification_mode": "maybe"})
    assert answer.status_code == 422
    assert 'id="field-verification_mode-error"' in answer.text


def test_a_reset_is_asked_about_first(pages: Pages) -> None:
    pages.post("/settings/save", **TYPED)
    for fragment in (None, "dialog"):
        assert "Reset the settings to their defaults?" in pages.get("/settings/reset", fragment).text
    assert pages.post("/settings/reset").status_code == 303
    assert pages.core.settings.load() == Settings()
