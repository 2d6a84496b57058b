"""Completion in a real bash: commands, options and the names of jobs, as the documentation sets it up."""

import os
import subprocess
import sysconfig
from pathlib import Path

import pytest

from storage.data_folder import DataFolder
from storage.job_store import JobStore
from tests import build
from tests.servers import ROOT
from utils.clock import SystemClock

SCRIPTS = sysconfig.get_path("scripts")
ASK = """\
eval "$(_FLASK_COMPLETE=bash_source flask)"
read -ra COMP_WORDS <<< "$LINE"
[[ $LINE == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_flask_completion flask
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    store = JobStore(folder, SystemClock())
    for number, name in enumerate(["photos", "Photos to NAS", "it's", "Twice", "Twice", "\u202eodd", "Büro"]):
        store.create(build.job(id=f"id-{number}", name=name))
    return folder.root


def offered(line: str, data: Path) -> set[str]:
    """What bash would put on the line."""
    environment = {
        "PATH": f"{SCRIPTS}:{os.environ['PATH']}", "LINE": line, "BACKUP_MANAGER_DATA_DIR": str(data),
        "HOME": str(data), "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    answer = subprocess.run(
        ["bash", "--norc", "-c", ASK], env=environment, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return set(answer.stdout.split("\n")) - {""}


def test_bash_completes_groups_and_commands(data: Path) -> None:
    assert offered("flask --app flask_app ru", data) == {"run", "runs"}
    assert offered("flask --app flask_app jobs pa", data) == {"pause"}
    assert offered("flask --app flask_app jobs start --acc", data) == {"--accept-identity"}


def test_bash_completes_names_and_quotes_those_that_need_it(data: Path) -> None:
    assert offered("flask --app flask_app jobs start ph", data) == {"photos"}
    assert offered("flask --app flask_app runs list P", data) == {"'Photos to NAS'"}


def test_a_job_whose_name_will_not_do_is_offered_by_its_id(data: Path) -> None:
    assert offered("flask --app flask_app jobs show ", data) == {
        "photos", "'Photos to NAS'", "Büro", "id-2", "id-3", "id-4", "id-5",
    }  # fmt: skip


def test_what_stands_in_quotes_on_the_line_is_the_job_that_was_meant(data: Path) -> None:
    answer = subprocess.run(
        ["bash", "-c", "flask --app flask_app jobs show 'Photos to NAS'"],
        env={"PATH": f"{SCRIPTS}:{os.environ['PATH']}", "BACKUP_MANAGER_DATA_DIR": str(data)},
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert "id-1" in answer.stdout
