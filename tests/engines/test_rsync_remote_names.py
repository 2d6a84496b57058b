"""Names at the other side of ssh: taken literally and never run, with a real server."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.process import scrubbed
from engines.base import Context, Tool
from engines.registry import engine
from models.job import JobSettings
from tests import build
from tests.samples.servers import Servers

# Few, because every login costs a second; the first one holds all that a shell would act on.
NAMES = ("a 'b\" $(touch ran) `touch ran` ;touch ran &#{x,y}é🙂", " lead ", "[2]x", "*", "a\\b", "-e")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    servers = Servers(tmp_path_factory.mktemp("ssh server"))
    servers.start_ssh()
    yield servers
    servers.stop()


def copy(server: Servers, source: str, dest: str) -> int:
    made = build.job(source=source, dest=dest, settings=JobSettings(ssh=server.access))
    assert engine("rsync").problems(made) == {}
    context = Context(Tool("/usr/bin/rsync", (3, 5, 0)), known_hosts=str(server.known_hosts))
    (step,) = engine("rsync").steps(made, context)
    return subprocess.run(
        step.argv, env=scrubbed(step.environment), stdin=subprocess.DEVNULL, timeout=60, check=False
    ).returncode


@pytest.mark.parametrize("name", NAMES)
def test_a_source_at_another_host_is_taken_literally(server: Servers, tmp_path: Path, name: str) -> None:
    far, near = tmp_path / "far", tmp_path / "near"
    for folder in (name, "2x", "qx", "ab", "decoy"):
        (far / folder).mkdir(parents=True, exist_ok=True)
    (far / name / "file").write_text("content")
    assert copy(server, f"127.0.0.1:{far}/{name}", str(near)) == 0
    assert [path.name for path in near.iterdir()] == [name]
    assert (near / name / "file").read_text() == "content"


@pytest.mark.parametrize("name", [name for name in NAMES if not set(name) & set("*?[")])
def test_a_destination_at_another_host_is_taken_literally(server: Servers, tmp_path: Path, name: str) -> None:
    near = tmp_path / "near"
    near.mkdir()
    (near / "file").write_text("content")
    assert copy(server, f"{near}/", f"127.0.0.1:{tmp_path}/far/{name}") == 0
    assert [path.name for path in (tmp_path / "far").iterdir()] == [name]
    assert (tmp_path / "far" / name / "file").read_text() == "content"
    assert not list(tmp_path.rglob("ran"))
    assert not Path.home().joinpath("ran").exists()
