"""The settings page: every section saved, refused and reset by itself; tools, storage, version."""

import gzip
import html
import re
import shutil
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from models.job import JobSettings, SshAccess
from models.settings import Config, Settings
from storage.settings_store import SettingsStore
from tests.flask_app.pages import Pages

DEFAULTS: dict[str, Any] = {"section": "defaults", "default_bandwidth_limit": "5000", "max_retry_attempts": "3"}
SERVICE: dict[str, Any] = {"section": "service", "auto_refresh_interval": "10", "network_check_interval": "60"}
TOOLS: dict[str, Any] = {"section": "tools", "nice": "3"}
KEEPING: dict[str, Any] = {"section": "keeping", "log_days": "7"}


def hidden(page: str) -> dict[str, str]:
    """How the page says that its fields stand."""
    return {name: html.unescape(value) for name, value in re.findall(r'name="(was_\w+)" value="([^"]*)"', page)}


def test_the_page_shows_every_section_with_its_state(pages: Pages) -> None:
    page = pages.get("/settings/").text
    for words in (
        'name="default_bandwidth_limit"',
        'name="auto_start_on_launch"',
        'name="rclone_config"',
        'name="log_days"',
        "rsync",
        str(pages.core.folder.root),
        "free of",
        "in all, measured",
        "Backup Manager 0.1.0",
        "htmx.org 2",
        'data-pref="pref-shortcuts"',
        "BACKUP_MANAGER_TRUSTED_PROXIES",
    ):
        assert words in page


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize(
    ("typed", "shared", "own"),
    [
        (DEFAULTS, {"default_bandwidth_limit": 5000, "max_retry_attempts": 3}, {}),
        (DEFAULTS | {"verification_mode": "verify_after"}, {"verification_mode": "verify_after"}, {}),
        (SERVICE, {"auto_refresh_interval": 10, "network_check_interval": 60}, {}),
        (SERVICE | {"auto_start_on_launch": ["false", "true"]}, {"auto_start_on_launch": True}, {}),
        (TOOLS, {}, {"nice": 3}),
        (TOOLS | {"rsync": "/usr/bin/rsync"}, {}, {"nice": 3, "rsync": "/usr/bin/rsync"}),
        (KEEPING | {"log_megabytes": "2"}, {}, {"log_days": 7, "log_megabytes": 2}),
    ],
)
def test_what_is_saved_holds_and_everything_else_stays(
    pages: Pages, htmx: bool, typed: dict[str, Any], shared: dict[str, Any], own: dict[str, Any]
) -> None:
    answer = pages.post("/settings/save", htmx=htmx, **typed)
    assert answer.status_code == (200 if htmx else 303)
    present = pages.core.settings.load()
    for name, value in shared.items():
        assert getattr(present, name) == value
    others = [name for name in Settings.__dataclass_fields__ if name not in {**typed, **shared}]
    assert all(getattr(present, name) == getattr(Settings(), name) for name in others)
    assert pages.core.configs.load() == replace(Config(), **own)


def test_with_htmx_the_section_comes_back_saved_with_a_toast(pages: Pages) -> None:
    answer = pages.post("/settings/save", htmx=True, **DEFAULTS)
    assert answer.text.lstrip().startswith('<section class="card rows" id="defaults"')
    assert 'value="5000"' in answer.text
    assert "data-saved" in answer.text
    assert 'hx-swap-oob="beforeend:#toasts"' in answer.text
    assert "Defaults saved" in answer.text
    assert "data-saved" not in pages.get("/settings/").text


def test_without_script_the_page_comes_back_at_the_section(pages: Pages) -> None:
    answer = pages.post("/settings/save", **KEEPING)
    assert answer.headers["Location"] == "/settings/#keeping"
    assert "Logs and history saved" in pages.get("/settings/").text


@pytest.mark.parametrize(
    ("typed", "field", "wrong"),
    [
        (DEFAULTS, "max_retry_attempts", "0"),
        (DEFAULTS, "default_bandwidth_limit", ""),
        (DEFAULTS, "max_retry_attempts", "x" * 10_000),
        (SERVICE, "auto_refresh_interval", "61"),
        (SERVICE, "network_check_interval", "4"),
        (TOOLS, "nice", "20"),
        (TOOLS, "rsync", "bin/rsync"),
        (TOOLS, "rsync", "/nowhere/rsync"),
        (TOOLS, "rclone", "/bin/true"),
        (TOOLS, "rclone", "/usr/bin/rclone\u202e"),
        (TOOLS, "rclone_config", "/tmp"),
        (TOOLS, "rclone_config", "/nowhere/rclone.conf"),
        (KEEPING, "log_megabytes", "101"),
        (KEEPING, "log_days", "1.5"),
        (KEEPING, "log_total_megabytes", "-1"),
    ],
)
def test_a_wrong_value_is_422_beside_its_field_and_saves_nothing(
    pages: Pages, typed: dict[str, Any], field: str, wrong: str
) -> None:
    for htmx in (True, False):
        answer = pages.post("/settings/save", htmx=htmx, **typed | {field: wrong})
        assert answer.status_code == 422
        assert f'id="field-{field}-error"' in answer.text
        assert f'value="{wrong}"' in answer.text
        assert f'href="#field-{field}"' in answer.text
    assert (pages.core.settings.load(), pages.core.configs.load()) == (Settings(), Config())


def test_how_copies_are_checked_is_one_of_three(pages: Pages) -> None:
    answer = pages.post("/settings/save", **DEFAULTS | {"verification_mode": "maybe"})
    assert answer.status_code == 422
    assert 'id="field-verification_mode-error"' in answer.text


def test_a_field_that_stands_as_it_was_shown_does_not_undo_what_another_program_wrote(pages: Pages) -> None:
    """The page was opened, the legacy app changed one setting, the person another in the same section."""
    shown: dict[str, Any] = hidden(pages.get("/settings/").text)
    SettingsStore(pages.core.folder).save(Settings(max_retry_attempts=4, verification_mode="checksum"))
    typed = {"max_retry_attempts": "10", "default_bandwidth_limit": "700", "verification_mode": "fast"}
    assert pages.post("/settings/save", section="defaults", **shown | typed).status_code == 303
    expected = Settings(700, max_retry_attempts=4, verification_mode="checksum")
    assert pages.core.settings.load() == SettingsStore(pages.core.folder).load() == expected


def test_a_refused_form_still_knows_how_its_fields_were_shown(pages: Pages) -> None:
    shown: dict[str, Any] = hidden(pages.get("/settings/").text)
    SettingsStore(pages.core.folder).save(Settings(max_retry_attempts=4))
    typed = {"section": "defaults", "max_retry_attempts": "10", "default_bandwidth_limit": "x"}
    answer = pages.post("/settings/save", htmx=True, **shown | typed)
    assert answer.status_code == 422
    assert hidden(answer.text)["was_max_retry_attempts"] == "10"


@pytest.mark.parametrize(("file", "typed"), [("settings.yaml", DEFAULTS), ("config.yaml", TOOLS)])
def test_a_broken_file_is_shown_by_line_and_never_overwritten(pages: Pages, file: str, typed: dict[str, Any]) -> None:
    path = pages.core.folder.root / file
    path.write_text("# by hand\nnice: [\n")
    page = pages.get("/settings/").text
    assert f"{file}, line " in page
    assert "The last good version stays in force. Nothing was overwritten." in page
    for htmx in (True, False):
        answer = pages.post("/settings/save", htmx=htmx, **typed)
        assert answer.status_code == 409
        assert f"{file}, line " in answer.text
        assert next(value for name, value in typed.items() if name != "section") in answer.text
    assert path.read_text() == "# by hand\nnice: [\n"


def test_a_hand_edit_is_shown_at_the_next_look(pages: Pages) -> None:
    pages.get("/settings/")
    pages.core.folder.config_file.write_text("log_days: 4321\n")
    pages.core.folder.settings_file.write_text("default_bandwidth_limit: 8765\n")
    page = pages.get("/settings/").text
    assert 'value="4321"' in page
    assert 'value="8765"' in page


def test_a_reset_is_asked_about_first_and_names_what_changes(pages: Pages) -> None:
    pages.post("/settings/save", **DEFAULTS)
    for fragment in (None, "dialog"):
        text = pages.get("/settings/reset?section=defaults", fragment).text
        assert "Reset “Defaults”?" in text
        assert "5000 becomes 0." in text
        assert "3 becomes 10." in text
    text = pages.get("/settings/reset?section=keeping").text
    assert "all at their defaults" in text
    assert "Reset to defaults</button>" not in text


def test_a_reset_is_of_its_section_alone(pages: Pages) -> None:
    for typed in (DEFAULTS, SERVICE, TOOLS):
        pages.post("/settings/save", **typed)
    answer = pages.post("/settings/reset", htmx=True, section="defaults")
    assert 'id="defaults"' in answer.text
    assert "Defaults reset" in answer.text
    assert pages.core.settings.load() == Settings(auto_refresh_interval=10, network_check_interval=60)
    assert pages.post("/settings/reset", section="tools").headers["Location"] == "/settings/#tools"
    assert pages.core.configs.load() == Config()
    assert pages.post("/settings/reset").headers["Location"] == "/settings/"
    assert pages.core.settings.load() == Settings()


def test_a_section_that_is_none_is_not_found(pages: Pages) -> None:
    assert pages.get("/settings/reset?section=jobs").status_code == 404
    for path in ("/settings/reset", "/settings/save"):
        assert pages.post(path, section="jobs").status_code == 404


def test_looking_again_asks_the_tools_anew(pages: Pages) -> None:
    before = pages.core.tools.state("rsync")
    assert pages.core.tools.state("rsync") is before
    answer = pages.post("/settings/tools", htmx=True)
    assert 'id="tools"' in answer.text
    assert pages.core.tools.state("rsync") is not before
    assert pages.post("/settings/tools").status_code == 303


def test_a_missing_tool_is_shown_with_the_line_that_installs_it(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("core.tools._EXTRA_FOLDERS", ())
    page = pages.get("/settings/").text
    assert "rsync is not installed on this machine." in page
    assert "sudo apt install rsync</pre>" in page
    assert "sudo apt install openssh-client</pre>" in page


def test_what_the_jobs_use_is_counted(pages: Pages) -> None:
    pages.job()
    assert "Used by 1 job" in pages.get("/settings/").text
    pages.job(name="Other", dest="/mnt/other")
    assert "Used by 2 jobs" in pages.get("/settings/").text


def test_sizes_are_shown_when_they_are_known(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.space._IN_A_REQUEST", -1.0)
    page = pages.get("/settings/").text
    assert "Measuring…" in page
    assert 'hx-get="/settings/storage"' in page
    assert pages.get("/settings/storage", "storage").status_code == 204
    pages.core.space.look()
    answer = pages.get("/settings/storage", "storage").text
    assert "in all, measured" in answer
    assert "hx-get" not in answer


def test_another_file_of_remotes_is_read_at_once(pages: Pages) -> None:
    file = pages.folder / "my.conf"
    file.write_text("[near]\ntype = alias\nremote = /srv\n")
    pages.get("/remotes/")
    assert pages.post("/settings/save", section="tools", rclone_config=str(file)).status_code == 303
    page = pages.get("/remotes/").text
    assert str(file) in page
    assert "near</b>" in page


def test_the_secret_of_sessions_is_on_no_page(pages: Pages) -> None:
    secret = str(pages._client.application.config["SECRET_KEY"])
    assert secret not in pages.get("/settings/").text


def test_a_page_with_eight_keys_eight_hosts_and_fifty_jobs_stays_light(pages: Pages) -> None:
    made, lines = Path(pages.core.ssh_keys.create("disk0").path), []
    keys = [made.parent.with_name(f"disk{number}") / made.name for number in range(8)]
    for number, key in enumerate(keys):
        blob = b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0 " + sha256(bytes([number])).digest()).decode()
        lines.append(f"nas{number}.lan ssh-ed25519 {blob} accepted:2026-11-20T07:02:04.123Z\n")
        if not key.exists():
            shutil.copytree(made.parent, key.parent)
        key.with_suffix(".pub").write_text(f"ssh-ed25519 {blob} disk{number}\n")
    pages.core.folder.known_hosts.write_text("".join(lines))
    for number in range(50):
        settings = JobSettings(ssh=SshAccess(None, str(keys[number % 8])))
        pages.job(name=f"Job {number}", dest=f"me@nas{number % 8}.lan:/copy", settings=settings)
    page = pages.get("/settings/")
    for words in ("disk7", "nas7.lan", "Job 23"):
        assert words in page.text
    assert len(gzip.compress(page.data, 6)) < 10_000
