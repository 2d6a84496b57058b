"""The global settings by the API: told whole, changed in part, refused by field."""

from typing import Any

import pytest

from tests.flask_app.pages import Pages


def put(pages: Pages, body: Any) -> Any:
    return pages._client.put("/api/v1/settings", json=body)


def test_what_is_sent_is_saved_and_everything_else_stays(pages: Pages) -> None:
    pages.core.folder.settings_file.write_text("# mine\nmax_retry_attempts: 3\nother: kept\n")
    answer = put(pages, {"default_bandwidth_limit": 500, "verification_mode": "checksum", "auto_start_on_launch": True})
    assert answer.status_code == 200
    assert answer.json["data"] == pages.get("/api/v1/settings").json["data"] == {  # type: ignore[index]
        "default_bandwidth_limit": 500, "auto_start_on_launch": True, "network_check_interval": 30,
        "max_retry_attempts": 3, "auto_refresh_interval": 2, "verification_mode": "checksum",
    }  # fmt: skip
    text = pages.core.folder.settings_file.read_text()
    assert "# mine" in text
    assert "other: kept" in text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"max_retry_attempts": 0}, "max_retry_attempts"),
        ({"max_retry_attempts": 21}, "max_retry_attempts"),
        ({"network_check_interval": 4}, "network_check_interval"),
        ({"default_bandwidth_limit": None}, "default_bandwidth_limit"),
        ({"auto_start_on_launch": "yes"}, "auto_start_on_launch"),
        ({"verification_mode": "maybe"}, "verification_mode"),
        ({"nice": 5}, "nice"),
        ([], "body"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_saved(pages: Pages, body: Any, field: str) -> None:
    answer = put(pages, {"auto_refresh_interval": 5, **body} if isinstance(body, dict) else body)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])
    assert pages.core.settings.load().auto_refresh_interval == 2
