"""A share of the contents of `script/prove yaml`, and that its judge sees what is lost."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from models.settings import Settings
from storage.job_store import JobStore
from storage.jobs_snapshot import JobsSnapshot
from storage.settings_store import SettingsStore
from tests.faults.yaml_pages import FilesWorld, Tally, described, files_world, fuzz, truncations

pytestmark = pytest.mark.timeout(300)  # many small requests: a busy machine takes minutes for them


@pytest.fixture(scope="module")
def seed() -> int:
    return random.SystemRandom().getrandbits(32)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[FilesWorld]:
    with files_world(tmp_path_factory.mktemp("files"), seed) as built:
        yield built


def test_whatever_stands_in_a_file_no_page_fails_and_nothing_of_it_or_of_the_jobs_goes(
    world: FilesWorld, seed: int
) -> None:
    print(f"seed {seed}")
    tally = fuzz(world, 16, seed, pages=2)
    assert not tally.faults, described(tally)
    assert tally.broken.keys() == {"jobs.yaml", "settings.yaml"}


def test_a_file_cut_off_at_any_byte_loses_nothing(world: FilesWorld) -> None:
    tally = Tally()
    truncations(world, tally, step=11, pages_each=60)
    assert not tally.faults, described(tally)
    assert tally.shown > 0


def test_the_judge_sees_what_is_lost(world: FilesWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the tests above prove nothing."""
    core = world.core
    snapshot, load = JobStore.snapshot, SettingsStore.load

    def forgetful(store: JobStore) -> JobsSnapshot:
        found = snapshot(store)
        return replace(found, jobs={}) if found.problems else found

    def tidy(store: SettingsStore) -> Settings:
        found = load(store)
        if store._problems:
            core.folder.settings_file.write_text("max_retry_attempts: 7\n")
        return found

    monkeypatch.setattr(JobStore, "snapshot", forgetful)
    monkeypatch.setattr(SettingsStore, "load", tidy)
    faults = fuzz(world, 24, 1, pages=-1).faults
    assert {("jobs.yaml", "a job is away"), ("settings.yaml", "written")} <= faults.keys()
