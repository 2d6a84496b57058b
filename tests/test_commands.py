"""What the commands say on a machine that lacks something; their main way is walked on a bare machine."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ORDINARY = ("sh", "cat", "sha256sum", "flock", "id", "mktemp", "rm", "tail", "dirname", "tr")


def bare_machine(folder: Path) -> dict[str, str]:
    """An environment in which only ordinary tools are found: no Python, no package manager, no HOME."""
    for name in ORDINARY:
        put(folder, name, f'exec {shutil.which(name)} "$@"')
    return {"PATH": str(folder)}


def put(folder: Path, name: str, script: str) -> None:
    """Always a file of the test's own: a link written through would change this machine's program."""
    assert not (folder / name).is_symlink()
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def in_shell(commands: str, environ: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    sources = "".join(f". {ROOT}/script/lib/{name}\n" for name in ("setup.sh", "test-tools.sh"))
    shell = shutil.which("sh") or "sh"
    return subprocess.run(
        [shell, "-euc", sources + commands], env=environ, cwd=folder, capture_output=True, text=True, check=False
    )


def test_without_python_one_line_says_what_to_install(tmp_path: Path) -> None:
    ended = in_shell("ready requirements.txt", bare_machine(tmp_path), tmp_path)
    assert ended.returncode == 1
    assert ended.stderr == (
        "Backup Manager needs Python 3.11 or newer. Install it, then start again: "
        "python3 python3-venv (with your package manager)\n"
    )


def test_without_the_venv_module_one_line_names_the_package(tmp_path: Path) -> None:
    environ = bare_machine(tmp_path)
    put(tmp_path, "python3", 'case "$2" in *ensurepip*) exit 1 ;; esac')
    ended = in_shell("ready requirements.txt", environ, tmp_path)
    assert ended.returncode == 1
    assert ended.stderr == (
        "Python's venv module is missing. Install it, then start again: python3-venv (with your package manager)\n"
    )


def test_a_missing_program_is_installed_where_that_is_allowed(tmp_path: Path) -> None:
    environ = bare_machine(tmp_path)
    put(tmp_path, "id", "echo 0")
    put(tmp_path, "dnf", f'echo "$@" >>{tmp_path}/asked')
    ended = in_shell("install_packages rsync", environ, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "asked").read_text() == "-q -y install rsync\n"


def test_where_installing_is_not_allowed_one_line_names_what_the_tests_need(tmp_path: Path) -> None:
    environ = bare_machine(tmp_path)
    put(tmp_path, "id", "echo 1000")
    put(tmp_path, "apt-get", "exit 1")
    ended = in_shell("has_program() { [ $1 != rclone ]; }; require_test_tools", environ, tmp_path)
    assert ended.returncode == 1
    assert ended.stderr.startswith("The tests need programs that are missing. Install them: apt-get install ")
    assert "rclone" in ended.stderr
    assert "nginx" not in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_an_environment_that_is_ready_is_left_alone(tmp_path: Path) -> None:
    environ = dict(os.environ) | {"HOME": str(tmp_path / "none")}
    commands = f"cd {ROOT}; ready requirements.txt requirements-dev.txt"
    ended = in_shell(commands, environ, ROOT)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
