"""Tools are found, asked once, and their state is told in words."""

import os
from pathlib import Path

import pytest

from core.tools import Tools, install_command
from engines.registry import UnknownEngine
from models.settings import Config

NONE_ELSEWHERE = "core.tools._EXTRA_FOLDERS"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are looked for."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(NONE_ELSEWHERE, ())
    return tmp_path


def program(folder: Path, answer: str, name: str = "rsync") -> Path:
    """A program that appends to a file `asked` beside it each time it is run."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho asked >> '{folder}/asked'\n{answer}\n")
    path.chmod(0o755)
    return path


def said(version: str) -> str:
    return f"echo 'rsync  version {version}  protocol version 31'"


def times_asked(folder: Path) -> int:
    return len((folder / "asked").read_text().splitlines())


def test_the_rsync_of_this_machine_is_found() -> None:
    state = Tools(Config).state("rsync")
    assert state.tool is not None
    assert os.path.isabs(state.tool.path)
    assert state.tool.version >= (3, 1, 0)
    assert state.sentence == ""


def test_all_tools_are_listed() -> None:
    assert [state.name for state in Tools(Config).all()] == ["rsync", "rclone"]


def test_a_strange_engine_is_refused() -> None:
    with pytest.raises(UnknownEngine):
        Tools(Config).state("xcopy")


def test_a_tool_is_asked_once_until_its_file_changes(folder: Path) -> None:
    path = program(folder, said("3.2.7"))
    tools = Tools(Config)
    assert tools.state("rsync") is tools.state("rsync")
    assert times_asked(folder) == 1
    path.write_text(path.read_text().replace("3.2.7", "3.4.10"))
    state = tools.state("rsync")
    assert state.tool is not None
    assert state.tool.version == (3, 4, 10)
    assert times_asked(folder) == 2


def test_a_tool_installed_meanwhile_is_noticed(folder: Path) -> None:
    tools = Tools(Config)
    assert tools.state("rsync").tool is None
    program(folder, said("3.4.3"))
    assert tools.state("rsync").tool is not None


def test_the_first_line_of_the_answer_is_kept(folder: Path) -> None:
    program(folder, said("3.4.3") + "\necho Copyright")
    tool = Tools(Config).state("rsync").tool
    assert tool is not None
    assert tool.version_text == "rsync  version 3.4.3  protocol version 31"


def test_relative_entries_of_the_path_are_left_out(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(folder, said("3.4.3"))
    monkeypatch.setenv("PATH", ".::bin")
    monkeypatch.chdir(tmp_path)
    assert Tools(Config).state("rsync").tool is None


def test_a_missing_tool_is_said_with_the_line_that_installs_it(folder: Path) -> None:
    (folder / "os-release").write_text('ID=ubuntu\nID_LIKE="debian"\n')
    state = Tools(Config, folder / "os-release").state("rsync")
    assert state.tool is None
    assert state.sentence == "rsync is not installed on this machine. Install it with: apt install rsync"


@pytest.mark.parametrize(
    ("release", "line"),
    [
        ("ID=debian\n", "apt install rsync"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "dnf install rsync"),
        ("ID=arch\n", "pacman -S rsync"),
        ("ID=alpine\n", "apk add rsync"),
        ('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "zypper install rsync"),
        ("ID=unheard\n", ""),
        ("garbage", ""),
    ],
)
def test_the_distribution_decides_the_line(tmp_path: Path, release: str, line: str) -> None:
    (tmp_path / "os-release").write_text(release)
    assert install_command("rsync", tmp_path / "os-release") == line


def test_without_a_named_distribution_no_line_is_given(tmp_path: Path) -> None:
    assert install_command("rsync", tmp_path / "nothing") == ""


def test_the_program_named_in_the_configuration_is_used(folder: Path) -> None:
    program(folder, said("3.4.3"))
    other = program(folder, said("3.2.7"), "my rsync")
    state = Tools(lambda: Config(rsync=str(other))).state("rsync")
    assert state.tool is not None
    assert (state.tool.path, state.tool.version) == (str(other), (3, 2, 7))
    assert "security holes" in state.warning


@pytest.mark.parametrize("name", ["/no/such/rsync", "rsync", "./rsync"])
def test_a_wrong_program_in_the_configuration_is_named(folder: Path, name: str) -> None:
    program(folder, said("3.4.3"))
    state = Tools(lambda: Config(rsync=name)).state("rsync")
    assert state.tool is None
    assert state.sentence == f"config.yaml names {name} for rsync: no such program."


def test_a_program_that_cannot_be_run_is_named(folder: Path) -> None:
    path = folder / "broken"
    path.write_bytes(b"\x7fELF nothing")
    state = Tools(lambda: Config(rsync=str(path))).state("rsync")
    assert state.tool is None
    assert f"{path} cannot be run" in state.sentence


def test_a_program_that_is_not_executable_is_not_found_and_named_if_configured(folder: Path) -> None:
    path = program(folder, said("3.4.3"))
    path.chmod(0o644)
    assert Tools(Config).state("rsync").tool is None
    assert "cannot be run" in Tools(lambda: Config(rsync=str(path))).state("rsync").sentence


def test_a_program_that_answers_strangely_is_named(folder: Path) -> None:
    path = program(folder, "echo openrsync; exit 1")
    state = Tools(Config).state("rsync")
    assert state.tool is None
    assert f"{path} does not answer as rsync does" in state.sentence


def test_a_program_that_never_answers_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.tools._ANSWER_SECONDS", 0.2)
    path = program(folder, "exec /bin/sleep 60")
    state = Tools(Config).state("rsync")
    assert state.tool is None
    assert f"{path} did not tell its version" in state.sentence


def test_a_tool_that_is_too_old_says_so(folder: Path) -> None:
    program(folder, said("3.0.9"))
    state = Tools(Config).state("rsync")
    assert state.tool is not None
    assert "too old" in state.sentence
