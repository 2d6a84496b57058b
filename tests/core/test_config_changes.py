"""Paths are tried before they are kept."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.config_changes import ConfigChanges
from core.container import directly
from core.tools import Tools
from models.errors import InvalidInput, StoreBroken
from models.settings import Config
from storage.config_store import ConfigStore
from storage.data_folder import DataFolder
from tests import build


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return build.data_folder(tmp_path)


@pytest.fixture
def changes(folder: DataFolder) -> ConfigChanges:
    configs = ConfigStore(folder)
    return ConfigChanges(configs, Tools(configs.load), directly)


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_a_program_that_answers_as_its_tool_is_kept(changes: ConfigChanges, folder: DataFolder, tmp_path: Path) -> None:
    path = script(tmp_path / "my rsync", "echo 'rsync  version 3.4.3  protocol version 31'")
    changes.save(Config(rsync=path, nice=2), Config())
    assert ConfigStore(folder).load() == Config(rsync=path, nice=2)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("echo hello", "does not answer as rsync does"),
        ("echo 'rsync  version 3.0.9  protocol version 30'", "too old"),
    ],
)
def test_another_program_is_refused_beside_its_field(
    changes: ConfigChanges, folder: DataFolder, tmp_path: Path, said: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        changes.save(Config(rsync=script(tmp_path / "rsync", said), nice=2), Config())
    assert sentence in refused.value.fields["rsync"]
    assert ConfigStore(folder).load() == Config()


def test_what_was_kept_already_is_not_tried_again(changes: ConfigChanges, folder: DataFolder) -> None:
    """Whoever lowers the priority need not first mend a path that has gone since."""
    folder.config_file.write_text("rsync: /gone/rsync\nrclone_config: /gone/rclone.conf\n")
    base = ConfigStore(folder).load()
    changes.save(replace(base, nice=2), base)
    assert ConfigStore(folder).load() == replace(base, nice=2)


def test_a_file_of_remotes_may_be_one_that_is_still_to_be_made(changes: ConfigChanges, tmp_path: Path) -> None:
    changes.save(Config(rclone_config=str(tmp_path / "new.conf")), Config())
    with pytest.raises(InvalidInput, match="Neither this file nor its folder"):
        changes.save(Config(rclone_config=str(tmp_path / "no" / "new.conf")), Config())
    with pytest.raises(InvalidInput, match="This is a folder"):
        changes.save(Config(rclone_config=str(tmp_path)), Config())


def test_a_broken_file_is_left_alone(changes: ConfigChanges, folder: DataFolder) -> None:
    folder.config_file.write_text("nice: [\n")
    with pytest.raises(StoreBroken, match=r"config\.yaml, line"):
        changes.save(Config(nice=2), Config())
    assert folder.config_file.read_text() == "nice: [\n"


def test_a_file_that_cannot_be_looked_at_is_refused_beside_its_field(changes: ConfigChanges, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path / ("x" * 300), tmp_path / "loop/rclone.conf"):
        with pytest.raises(InvalidInput) as refused:
            changes.save(Config(rclone_config=str(path)), Config())
        assert refused.value.fields["rclone_config"].startswith("The server cannot look at this file: ")
