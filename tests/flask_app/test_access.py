"""Who is let in, and what counts as another site."""

from pathlib import Path
from typing import Any

import pytest

from flask_app.access import is_foreign, is_open
from flask_app.config import ServerConfig, read_environment

LOCAL = {
    "SERVER_NAME": "127.0.0.1",
    "REMOTE_ADDR": "127.0.0.1",
    "HTTP_HOST": "127.0.0.1:5001",
    "wsgi.url_scheme": "http",
}


def config(tmp_path: Path, **environ: str) -> ServerConfig:
    return read_environment({"BACKUP_MANAGER_DATA_DIR": str(tmp_path), **environ})


@pytest.mark.parametrize("host", ["localhost", "localhost:5001", "127.0.0.1", "[::1]:80", "LOCALHOST:1"])
def test_auto_is_open_on_the_machine_itself(tmp_path: Path, host: str) -> None:
    assert is_open({**LOCAL, "HTTP_HOST": host}, config(tmp_path))


@pytest.mark.parametrize(
    "change",
    [
        {"HTTP_HOST": "nas.lan:5001"},
        {"HTTP_HOST": "127.0.0.1.evil.example"},
        {"HTTP_HOST": "user@localhost:x"},
        {"HTTP_HOST": ""},
        {"SERVER_NAME": "0.0.0.0"},
        {"SERVER_NAME": "192.168.1.5"},
        {"REMOTE_ADDR": "192.168.1.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "192.168.1.7"},
        {"HTTP_X_FORWARDED_HOST": "localhost"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_X_FORWARDED_PREFIX": "/x"},
        {"HTTP_FORWARDED": "for=1.2.3.4"},
        {"HTTP_X_REAL_IP": "1.2.3.4"},
        {"HTTP_VIA": "1.1 proxy"},
        {"HTTP_CF_CONNECTING_IP": "1.2.3.4"},
    ],
)
def test_auto_is_closed_to_everything_else(tmp_path: Path, change: dict[str, str]) -> None:
    assert not is_open({**LOCAL, **change}, config(tmp_path))


def test_required_is_closed_and_off_is_open_to_all(tmp_path: Path) -> None:
    assert not is_open(LOCAL, config(tmp_path, BACKUP_MANAGER_AUTH="required"))
    far = {**LOCAL, "HTTP_HOST": "nas.lan", "REMOTE_ADDR": "192.168.1.7"}
    assert is_open(far, config(tmp_path, BACKUP_MANAGER_AUTH="off"))


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"HTTP_ORIGIN": "http://127.0.0.1:5001"},
        {"HTTP_SEC_FETCH_SITE": "same-origin"},
        {"HTTP_SEC_FETCH_SITE": "none"},
        {"HTTP_REFERER": "http://127.0.0.1:5001/jobs/"},
    ],
)
def test_our_own_pages_and_scripts_are_not_foreign(told: dict[str, str]) -> None:
    assert not is_foreign({**LOCAL, **told})


@pytest.mark.parametrize(
    "told",
    [
        {"HTTP_ORIGIN": "http://evil.example"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_ORIGIN": ""},
        {"HTTP_ORIGIN": "http://127.0.0.1:3000"},
        {"HTTP_ORIGIN": "https://127.0.0.1:5001"},
        {"HTTP_ORIGIN": "http://localhost:5001"},
        {"HTTP_ORIGIN": "http://127.0.0.1:5001@evil.example"},
        {"HTTP_ORIGIN": "http://127.0.0.1:99999999"},
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_SEC_FETCH_SITE": "same-site"},
        {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_ORIGIN": "http://127.0.0.1:5001"},
        {"HTTP_REFERER": "http://evil.example/"},
    ],
)
def test_other_sites_are_foreign(told: dict[str, str]) -> None:
    assert is_foreign({**LOCAL, **told})


def test_default_ports_are_the_same_said_or_not() -> None:
    environ: dict[str, Any] = {**LOCAL, "HTTP_HOST": "nas.lan", "wsgi.url_scheme": "https"}
    assert not is_foreign({**environ, "HTTP_ORIGIN": "https://nas.lan:443"})
    assert is_foreign({**environ, "HTTP_ORIGIN": "http://nas.lan"})
