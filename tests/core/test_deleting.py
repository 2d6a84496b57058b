"""core/deleting.py: between the last look at a name and the deletion another file may take it, or somebody open it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.deleting import Deleting
from core.journal import RunJournal
from core.manifest import Manifest
from core.proof import Proof
from core.tree import Tree
from models.run import Run
from storage.data_folder import DataFolder
from storage.deletions_log import DeletionsLog
from storage.findings import FindingsLog
from storage.log_store import RunLog
from storage.run_store import RunStore
from tests import build
from utils.clock import SystemClock


class Raced(Tree):
    """Somebody is quicker: `first` happens right before a file is set aside."""

    first: Callable[[], object]

    def set_aside(self, name: bytes, aside: bytes) -> bytes:
        self.first()
        return super().set_aside(name, aside)


@pytest.fixture
def deleting(tmp_path: Path) -> Iterator[Deleting]:
    for side in ("source", "copy"):
        (tmp_path / side).mkdir()
        (tmp_path / side / "file").write_bytes(b"first")
    folder, clock = build.data_folder(tmp_path), SystemClock()
    run = build.run()
    store = RunStore(folder)
    store.create(run, {})
    journal = RunJournal(store, _log(folder, run), run, clock, lambda _run: None)
    manifest = Manifest(Raced(str(tmp_path / "source")), Tree(str(tmp_path / "copy")))
    list(manifest.take())
    proof = Proof(FindingsLog(folder, run.job_id, run.id))
    yield Deleting(manifest, journal, proof, DeletionsLog(folder, run.job_id, run.id, clock))
    manifest.close()
    store.remove_live(run)


def _log(folder: DataFolder, run: Run) -> RunLog:
    return RunLog(folder, run.engine, run.job_id, run.id)


def race(deleting: Deleting, first: Callable[[], Any]) -> Path:
    """Delete the one file while `first` happens; the source."""
    tree = deleting._manifest.source
    assert isinstance(tree, Raced)
    tree.first = first
    assert deleting.delete([b"file"], lambda: True)
    return Path(tree.path)


def test_alone_it_deletes_the_file(deleting: Deleting) -> None:
    assert list(race(deleting, lambda: None).iterdir()) == []
    assert (deleting.deletion.files_deleted, deleting.deletion.files_kept) == (1, 0)


def test_a_file_that_takes_the_name_at_the_last_moment_keeps_it(deleting: Deleting, tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(b"newer")
    source = race(deleting, lambda: os.replace(tmp_path / "new", tmp_path / "source" / "file"))
    assert [path.name for path in source.iterdir()] == ["file"]
    assert (source / "file").read_bytes() == b"newer"
    assert (deleting.deletion.files_deleted, deleting.deletion.files_kept) == (0, 1)


def test_a_file_that_is_opened_for_writing_at_the_last_moment_stays(deleting: Deleting, tmp_path: Path) -> None:
    def open_it() -> None:
        with pytest.raises(BlockingIOError):
            os.open(tmp_path / "source" / "file", os.O_WRONLY | os.O_NONBLOCK)

    source = race(deleting, open_it)
    assert [path.name for path in source.iterdir()] == ["file"]
    assert deleting.kept == {"busy": 1}


def test_a_folder_that_takes_the_name_at_the_last_moment_stays(deleting: Deleting, tmp_path: Path) -> None:
    def exchange() -> None:
        (tmp_path / "source" / "file").unlink()
        (tmp_path / "source" / "file").mkdir()

    source = race(deleting, exchange)
    assert len(list(source.iterdir())) == 1
    assert deleting.deletion.files_deleted == 0
