"""The environment: defaults, and one line for every wrong value."""

import re
from pathlib import Path

import pytest

from flask_app.config import read_environment
from models.errors import AppError


def test_nothing_set_means_the_defaults_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    config = read_environment({})
    assert config.data_dir == Path("/home/ada/backup-manager")
    assert str(config.address) == "127.0.0.1:5001"
    assert (config.access, config.async_mode, config.log_format) == ("auto", "eventlet", "text")
    assert (config.secret_key, config.trusted_proxies, config.allowed_hosts) == ("", 0, frozenset())


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("BACKUP_MANAGER_AUTH", "none", "auto, required or off"),
        ("BACKUP_MANAGER_LOG_FORMAT", "xml", "text or json"),
        ("BACKUP_MANAGER_ASYNC_MODE", "gevent", "eventlet or threading"),
        ("BACKUP_MANAGER_PORT", "99999", "1 to 65535"),
        ("BACKUP_MANAGER_TRUSTED_PROXIES", "-1", "0 to 10"),
        ("BACKUP_MANAGER_ALLOWED_HOSTS", "http://nas/", "host names"),
        ("BACKUP_MANAGER_DATA_DIR", "backups", "an absolute path"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(name: str, value: str, allowed: str) -> None:
    with pytest.raises(AppError) as refused:
        read_environment({name: value})
    sentence = refused.value.message
    assert name in sentence
    assert repr(value) in sentence
    assert allowed in sentence
    assert "\n" not in sentence


def test_a_short_secret_key_is_refused_without_being_shown() -> None:
    with pytest.raises(AppError) as refused:
        read_environment({"SECRET_KEY": "hunter2"})
    assert "SECRET_KEY" in refused.value.message
    assert "hunter2" not in refused.value.message


def test_a_bind_that_others_reach_may_be_asked_for_by_any_address() -> None:
    assert read_environment({"BACKUP_MANAGER_HOST": "0.0.0.0"}).any_ip_host
    assert not read_environment({}).any_ip_host


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"BACKUP_MANAGER_AUTH_HEADER": "Remote-User"}, "BACKUP_MANAGER_AUTH_PROXIES"),
        ({"BACKUP_MANAGER_AUTH_PROXIES": "127.0.0.1"}, "BACKUP_MANAGER_AUTH_HEADER"),
        ({"BACKUP_MANAGER_AUTH_HEADER": "Remote_User", "BACKUP_MANAGER_AUTH_PROXIES": "::1"}, "Remote_User"),
        ({"BACKUP_MANAGER_AUTH_HEADER": "Remote-User", "BACKUP_MANAGER_AUTH_PROXIES": "proxy.lan"}, "proxy.lan"),
        ({"BACKUP_MANAGER_AUTH_HEADER": "Remote-User", "BACKUP_MANAGER_AUTH_PROXIES": "10.0.0.1/8"}, "10.0.0.1/8"),
    ],
)
def test_the_header_of_a_proxy_is_believed_only_with_the_proxies_that_may_send_it(
    environ: dict[str, str], named: str
) -> None:
    with pytest.raises(AppError, match=re.escape(named)):
        read_environment(environ)


def test_further_host_names_are_taken_without_regard_to_case() -> None:
    config = read_environment({"BACKUP_MANAGER_ALLOWED_HOSTS": "NAS.lan, backup.example"})
    assert {"nas.lan", "backup.example", "localhost"} <= config.host_names
