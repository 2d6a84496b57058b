"""The ssh of this machine."""

from pathlib import Path

import pytest

from core.ssh_program import SshProgram


def test_ssh_is_found_with_its_version() -> None:
    state = SshProgram().state()
    assert state.tool is not None
    assert state.tool.version_text.startswith("OpenSSH_")
    assert state.tool.version >= (6, 0, 0)


def test_it_is_asked_once_until_somebody_wants_to_look_again() -> None:
    program = SshProgram()
    first = program.state()
    assert program.state() is first
    program.look_again()
    assert program.state() is not first


@pytest.mark.parametrize(
    ("release", "line"),
    [
        ("ID=debian\n", "apt install openssh-client"),
        ("ID=fedora\n", "dnf install openssh-clients"),
        ("ID=alpine\n", "apk add openssh-client"),
        ("ID=arch\n", "pacman -S openssh"),
        ("ID=unheard\n", ""),
    ],
)
def test_a_missing_one_is_said_with_the_package_of_the_distribution(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: str, line: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "os-release").write_text(release)
    state = SshProgram(tmp_path / "os-release").state()
    assert (state.tool, state.install) == (None, line)
    assert "Only jobs with other hosts need it." in state.sentence
