"""Secrets that were planted wherever one can be typed are found in their own files and nowhere else."""

import base64
import gzip
import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from flask_app.listen import AsyncMode
from tests.security.canaries import Call, Canary, Said, Watch, in_calls, in_files, in_words, open_to_others
from tests.security.canary_round import played
from tests.servers import until

CANARY = Canary("a password", "canary-0123456789", homes=r"data/secrets\.yaml", told="POST /login", environment="PASS")


@pytest.mark.timeout(180)
def test_no_planted_secret_is_found_outside_its_own_file(tmp_path: Path, server_mode: AsyncMode) -> None:
    result = played(tmp_path, server_mode)
    assert result.found == []
    assert result.secrets >= 20
    assert result.answers >= 300


# Whatever looks for them has to be able to find them.


def packed(text: bytes) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        member = tarfile.TarInfo("server.log")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return whole.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"it is canary-0123456789.",
        b"Basic " + base64.b64encode(b"anna:canary-0123456789"),
        b"Basic " + base64.b64encode(b"bert-w:canary-0123456789"),
        gzip.compress(b"it is canary-0123456789."),
        packed(b"it is canary-0123456789."),
    ],
    ids=["plain", "in base64", "in base64 after two characters", "gzip", "tar"],
)
def test_one_is_found_in_an_answer_however_it_is_written(content: bytes) -> None:
    assert list(in_words([CANARY], [Said("GET /", content)])) == ["a password in the answer to GET /"]


def test_one_may_come_back_only_to_who_typed_it() -> None:
    assert list(in_words([CANARY], [Said("POST /login", b"canary-0123456789")])) == []
    assert list(in_words([CANARY], [Said("GET /login", b"canary-0123456789")])) != []


def test_one_is_found_in_arguments_and_in_another_variable() -> None:
    assert list(in_calls([CANARY], [Call(("rsync", "canary-0123456789"), {})])) != []
    assert list(in_calls([CANARY], [Call(("rsync",), {"PASS": "canary-0123456789"})])) == []
    assert list(in_calls([CANARY], [Call(("rsync",), {"WORD": "canary-0123456789"})])) != []


def test_one_is_found_in_a_file_that_is_not_its_own_or_that_others_can_read(tmp_path: Path) -> None:
    for name in ("secrets.yaml", "jobs.yaml"):
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data" / name).write_text("x: canary-0123456789")
        (tmp_path / "data" / name).chmod(0o600)
    (tmp_path / "data/secrets.yaml").chmod(0o640)
    (tmp_path / "old.gz").write_bytes(gzip.compress(b"canary-0123456789"))
    assert sorted(in_files([CANARY], tmp_path)) == [
        "a password in data/jobs.yaml",
        "a password in data/secrets.yaml, which others can read",
        "a password in old.gz",
    ]


def test_what_is_open_to_others_is_found(tmp_path: Path) -> None:
    (tmp_path / "data/keys").mkdir(parents=True, mode=0o755)
    (tmp_path / "data/keys").chmod(0o755)
    (tmp_path / "data/jobs.yaml").write_text("shared")
    (tmp_path / "data/keys/one").write_text("private")
    (tmp_path / "data/keys/one").chmod(0o640)
    assert open_to_others(tmp_path) == ["data/keys 0755", "data/keys/one 0640"]


def test_a_process_is_seen_with_its_arguments_and_its_environment() -> None:
    argv = [sys.executable, "-c", "input()", "canary-0123456789"]
    with Watch() as watch:
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, env=os.environ | {"WORD": "canary-0123456789"})
        [call, *_] = until(lambda: watch.of("canary-0123456789"))
        process.communicate(b"\n")
    assert call.environment["WORD"] == "canary-0123456789"
    assert len(list(in_calls([CANARY], [call]))) == 2
