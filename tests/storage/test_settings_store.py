"""settings.yaml beside the legacy app and hands; config.yaml and secrets.yaml, ours alone."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from models.errors import InvalidInput, StoreBroken
from models.settings import Config, Settings
from storage.config_store import ConfigStore
from storage.data_folder import DataFolder
from storage.secret_store import SecretStore
from storage.settings_store import SettingsStore
from tests import build
from tests.storage.test_job_store import LEGACY
from tests.storage.test_reassertion import LaterClock

CHANGED = Settings(500, True, 45, 7, 4, "checksum")


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return build.data_folder(tmp_path)


@pytest.fixture
def store(folder: DataFolder) -> SettingsStore:
    return SettingsStore(folder)


def test_no_file_is_the_defaults(store: SettingsStore) -> None:
    assert (store.load(), store.problems()) == (Settings(), ())


@pytest.mark.parametrize("sample", sorted(LEGACY.glob("settings.*")), ids=lambda path: path.stem)
def test_the_files_of_the_legacy_app_load_and_stay_in_form(folder: DataFolder, sample: Path) -> None:
    shutil.copy(sample, folder.settings_file)
    store = SettingsStore(folder)
    assert (store.load(), store.problems()) == (Settings(), ())
    store.save(CHANGED)
    assert SettingsStore(folder).load() == CHANGED
    values = yaml.safe_load(folder.settings_file.read_text())
    assert yaml.safe_dump(values) == folder.settings_file.read_text()


def test_what_is_saved_first_is_in_the_legacy_form(folder: DataFolder, store: SettingsStore) -> None:
    store.save(CHANGED)
    text = folder.settings_file.read_text()
    assert text.startswith("auto_refresh_interval: 4\nauto_start_on_launch: true\n")
    assert store.load() == CHANGED


def test_comments_and_other_keys_survive(folder: DataFolder, store: SettingsStore) -> None:
    folder.settings_file.write_text("# mine\ntheirs: [1]\nmax_retry_attempts: 3   # enough\nverification_mode: fast")
    store.save(Settings(max_retry_attempts=9, network_check_interval=60))
    text = folder.settings_file.read_text()
    assert text.startswith("# mine\ntheirs: [1]\nmax_retry_attempts: 9   # enough\nverification_mode: fast\n")
    assert store.load() == Settings(max_retry_attempts=9, network_check_interval=60)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("max_retry_attempts: 0", "from 1 to 20"),
        ("max_retry_attempts: 012", "is 012"),
        ("max_retry_attempts: yes", "is true"),
        ("default_bandwidth_limit: -1", "is -1"),
        ("network_check_interval: 4", "from 5"),
        ("auto_refresh_interval: 61", "from 1 to 60"),
        ("auto_start_on_launch: 1", "true or false"),
        ("verification_mode: slow", "fast, checksum or verify_after"),
    ],
)
def test_a_wrong_value_is_named_and_the_last_good_one_stands(
    folder: DataFolder, store: SettingsStore, line: str, named: str
) -> None:
    store.save(CHANGED)
    name = line.partition(":")[0]
    kept = [row for row in folder.settings_file.read_text().splitlines() if not row.startswith(name)]
    kept = ["network_check_interval: 50" if row.startswith("network") else row for row in kept]
    folder.settings_file.write_text("\n".join([*kept, line]) + "\n")
    before = folder.settings_file.read_bytes()
    for reader in (store, SettingsStore(folder)):
        (problem,) = reader.problems()
        assert (problem.file, problem.line) == ("settings.yaml", 6)
        assert named in problem.reason
        assert getattr(reader.load(), name) == getattr(CHANGED, name)
        assert reader.load().network_check_interval in {45, 50}
        with pytest.raises(StoreBroken, match=name):
            reader.save(Settings())
    assert folder.settings_file.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"a: b: c\n", b"- a\n", b"\xff\n", b"a: 1\r\n", b"a: 1\na: 2\n", b"\0" * 99])
def test_a_broken_file_leaves_the_last_good_settings(folder: DataFolder, store: SettingsStore, content: bytes) -> None:
    store.save(CHANGED)
    store.load()
    folder.settings_file.write_bytes(content)
    for reader in (store, SettingsStore(folder)):
        assert reader.load() == CHANGED
        assert reader.problems()[0].sentence.startswith("settings.yaml, line ")
        with pytest.raises(StoreBroken):
            reader.save(Settings())
    assert folder.settings_file.read_bytes() == content


def test_what_may_not_be_is_refused_by_field(folder: DataFolder, store: SettingsStore) -> None:
    with pytest.raises(InvalidInput) as refusal:
        store.save(Settings(max_retry_attempts=99, auto_refresh_interval=0))
    assert refusal.value.fields == {
        "max_retry_attempts": "Must be a whole number from 1 to 20.",
        "auto_refresh_interval": "Must be a whole number from 1 to 60.",
    }
    assert not folder.settings_file.exists()


def test_only_what_was_changed_is_saved_over_what_another_wrote(folder: DataFolder, store: SettingsStore) -> None:
    store.save(Settings())
    base = store.load()
    folder.settings_file.write_text(folder.settings_file.read_text().replace("fast", "checksum"))
    store.save(replace(base, max_retry_attempts=3), base)
    expected = Settings(max_retry_attempts=3, verification_mode="checksum")
    assert store.load() == SettingsStore(folder).load() == expected


# config.yaml


def test_the_configuration_is_read(folder: DataFolder) -> None:
    assert ConfigStore(folder).load() == Config()
    folder.config_file.write_text("nice: 0\nrsync: /opt/rsync\n")
    assert ConfigStore(folder).load() == Config(0, "/opt/rsync")
    folder.config_file.write_text("log_megabytes: 2\nlog_days: 0\nlog_total_megabytes: 50\n")
    assert ConfigStore(folder).load() == Config(log_megabytes=2, log_days=0, log_total_megabytes=50)
    folder.config_file.write_text("browse_roots: [/home, /mnt]\n")
    assert ConfigStore(folder).load().browse_roots == ("/home", "/mnt")
    folder.config_file.write_text("# nothing yet\n")
    assert ConfigStore(folder).load() == Config()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nice: 20\n", "config.yaml, line 1: `nice` must be a whole number from 0 to 19"),
        ("nice: true\n", "config.yaml, line 1: `nice` must be a whole number from 0 to 19"),
        ("browse_roots: /home\n", "config.yaml, line 1: `browse_roots` must be a list of absolute paths"),
        ("browse_roots: [home]\n", "config.yaml, line 1: `browse_roots` must be a list of absolute paths"),
        ("nice: 1\nrsync: rsync\n", "config.yaml, line 2: `rsync` must be an absolute path"),
        ("log_megabytes: 0\n", "config.yaml, line 1: `log_megabytes` must be a whole number from 1 to 100"),
        ("log_days: a\n", "config.yaml, line 1: `log_days` must be a whole number from 0 to 36,500"),
        ("log_total_megabytes: -1\n", "config.yaml, line 1: `log_total_megabytes` must be a whole number from 0 to"),
        ("nicer: 1\n", "config.yaml, line 1: `nicer` is not a setting"),
        ("nice: [\n", "config.yaml, line 2: this is not YAML"),
    ],
)
def test_a_wrong_configuration_is_named_by_line_and_the_last_good_one_stands(
    folder: DataFolder, text: str, sentence: str
) -> None:
    folder.config_file.write_text("nice: 3\nrsync: /opt/rsync\n")
    running = ConfigStore(folder)
    assert running.load() == Config(3, "/opt/rsync")
    folder.config_file.write_text(text)
    for store in (running, ConfigStore(folder)):
        assert store.problems()[0].sentence.startswith(sentence)
        with pytest.raises(StoreBroken, match=r"config\.yaml, line"):
            store.save(Config(nice=9), Config())
    assert folder.config_file.read_text() == text


def test_a_configuration_that_lost_its_content_is_broken_and_not_new(folder: DataFolder) -> None:
    running = ConfigStore(folder)
    running.save(Config(log_days=0, browse_roots=("/home",)), Config())
    in_force = running.load()
    folder.config_file.write_text("")
    for store in (running, ConfigStore(folder)):
        assert store.load() == in_force
        assert store.problems()[0].sentence.startswith("config.yaml, line 1: the file is empty")
        with pytest.raises(StoreBroken, match="empty"):
            store.save(replace(in_force, nice=9), in_force)
    assert folder.config_file.read_text() == ""
    folder.config_file.unlink()
    assert running.load() == Config()
    assert running.problems() == ()


def test_a_configuration_that_cannot_be_looked_at_leaves_the_last_good_one(folder: DataFolder) -> None:
    running = ConfigStore(folder)
    running.save(Config(log_days=0), Config())
    folder.config_file.unlink()
    folder.config_file.symlink_to(folder.config_file)
    for store in (running, ConfigStore(folder)):
        assert store.load() == Config(log_days=0)
        assert "cannot be read" in store.problems()[0].sentence


def test_an_empty_configuration_that_never_had_content_is_the_defaults(folder: DataFolder) -> None:
    folder.config_file.touch()
    store = ConfigStore(folder)
    assert (store.load(), store.problems()) == (Config(), ())
    store.save(Config(nice=3), Config())
    assert folder.config_file.read_text() == "nice: 3\n"


def test_a_wrong_value_keeps_its_last_good_one_and_the_others_count(folder: DataFolder) -> None:
    folder.config_file.write_text("nice: 3\n")
    running = ConfigStore(folder)
    assert running.load() == Config(3)
    folder.config_file.write_text("nice: 20\nlog_days: 5\n")
    assert running.load() == ConfigStore(folder).load() == Config(3, log_days=5)
    folder.config_file.write_text("nice: [\n")
    assert ConfigStore(folder).load() == Config(3)


def test_what_is_saved_keeps_comments_and_what_a_hand_wrote_beside_it(folder: DataFolder) -> None:
    store = ConfigStore(folder)
    store.save(Config(nice=3), Config())
    assert folder.config_file.read_text() == "nice: 3\n"
    assert folder.config_file.stat().st_mode & 0o777 == 0o600
    base = store.load()
    folder.config_file.write_text("# mine\nnice: 4  # calm\nrsync: /opt/rsync\n")
    store.save(replace(base, log_days=0), base)
    assert folder.config_file.read_text() == "# mine\nnice: 4  # calm\nrsync: /opt/rsync\nlog_days: 0\n"
    assert store.load() == ConfigStore(folder).load() == Config(4, "/opt/rsync", log_days=0)


@pytest.mark.parametrize("roots", ["browse_roots:  # why\n- /home\n- /mnt\n", "browse_roots: [/home]  # why\n"])
def test_a_list_that_is_saved_keeps_the_comments_around_it(folder: DataFolder, roots: str) -> None:
    folder.config_file.write_text(f"# mine\n{roots}nice: 4  # calm\n")
    store = ConfigStore(folder)
    base = store.load()
    store.save(replace(base, browse_roots=("/srv", "/b")), base)
    saved = "# mine\nbrowse_roots:  # why\n- /srv\n- /b\nnice: 4  # calm\n"
    assert folder.config_file.read_text() == saved
    store.save(replace(base, browse_roots=()), replace(base, browse_roots=("/srv", "/b")))
    assert folder.config_file.read_text() == "# mine\nbrowse_roots: []  # why\nnice: 4  # calm\n"
    assert store.load() == ConfigStore(folder).load() == Config(4, browse_roots=())


def test_a_hand_edit_of_the_configuration_is_noticed(folder: DataFolder) -> None:
    store = ConfigStore(folder)
    assert store.load().nice == Config().nice
    folder.config_file.write_text("nice: 1\n")
    assert store.load().nice == 1
    folder.config_file.unlink()
    assert store.load() == Config()


# secrets.yaml


def test_secrets_are_kept_by_job_and_private(folder: DataFolder) -> None:
    store = SecretStore(folder)
    assert store.get("a", "password") == ""
    store.set("a", "password", "s3cr\u00e9t: no\n")
    store.set("b", "password", "012")
    assert SecretStore(folder).get("a", "password") == "s3cr\u00e9t: no\n"
    assert SecretStore(folder).get("b", "password") == "012"
    store.forget("a")
    store.forget("a")
    assert (store.get("a", "password"), store.get("b", "password")) == ("", "012")
    assert folder.secrets_file.stat().st_mode & 0o777 == 0o600


def test_broken_secrets_are_refused_and_not_shown(folder: DataFolder) -> None:
    folder.secrets_file.write_text("a: {password: 12}\nb: hunter2\n")
    store = SecretStore(folder)
    for job_id in ("a", "b"):
        with pytest.raises(StoreBroken) as refusal:
            store.get(job_id, "password")
        assert "hunter2" not in refusal.value.message


# Beside the legacy app


def rewritten(folder: DataFolder, **changes: object) -> None:
    """The legacy app saves what it once loaded, whole and sorted."""
    folder.settings_file.write_text(yaml.safe_dump(changes))


OLD = {"auto_refresh_interval": 2, "default_bandwidth_limit": 0, "max_retry_attempts": 10}


@pytest.mark.parametrize("restarted", [False, True])
def test_settings_that_it_never_loaded_stay_in_force_and_come_back(
    folder: DataFolder, store: SettingsStore, restarted: bool
) -> None:
    store.save(CHANGED)
    rewritten(folder, **{**OLD, "auto_refresh_interval": 5})
    reader = SettingsStore(folder) if restarted else store
    expected = Settings(500, True, 45, 7, 5, "checksum")
    assert reader.load() == expected
    assert yaml.safe_load(folder.settings_file.read_text())["verification_mode"] == "checksum"
    assert SettingsStore(folder).load() == expected


def test_a_value_from_before_our_change_is_ours_again_for_half_a_minute(folder: DataFolder) -> None:
    clock = LaterClock()
    store = SettingsStore(folder, clock)
    store.save(Settings())
    store.save(Settings(max_retry_attempts=5))
    stale = yaml.safe_load(folder.settings_file.read_text()) | {"max_retry_attempts": 10, "auto_refresh_interval": 9}
    rewritten(folder, **stale)
    assert store.load() == Settings(max_retry_attempts=5, auto_refresh_interval=9)
    assert yaml.safe_load(folder.settings_file.read_text())["max_retry_attempts"] == 5
    rewritten(folder, **{**stale, "max_retry_attempts": 7})
    assert store.load().max_retry_attempts == 7
    clock.ahead = timedelta(seconds=31)
    rewritten(folder, **stale)
    assert store.load().max_retry_attempts == 10
