"""Which jobs use an engine, a key or a host."""

from pathlib import Path

import pytest

from core.job_uses import JobUses
from models.job import JobSettings, SshAccess
from storage.job_store import JobStore
from tests import build


@pytest.fixture
def jobs(tmp_path: Path) -> JobStore:
    return JobStore(build.data_folder(tmp_path))


def test_engines_and_keys_are_counted_anew_when_a_definition_changes(jobs: JobStore) -> None:
    uses = JobUses(jobs)
    assert (uses.engines(), uses.keys()) == ({}, {})
    first = jobs.create(build.job(settings=JobSettings(ssh=SshAccess(None, "/keys//nas/id"))))
    jobs.create(build.job(type="rclone", source="/srv", dest="remote:copy"))
    assert uses.engines() == {"rsync": 1, "rclone": 1}
    assert [job.id for job in uses.of_key("/keys/nas/id")] == [first.id]
    jobs.delete(first.id)
    assert uses.engines() == {"rclone": 1}
    assert uses.of_key("/keys/nas/id") == ()


def test_the_jobs_of_a_host_are_those_that_reach_it_at_its_port(jobs: JobStore) -> None:
    other_port = JobSettings(ssh=SshAccess(2222, None))
    near = jobs.create(build.job(name="near", dest="me@nas.lan:/copy"))
    far = jobs.create(build.job(name="far", source="nas.lan:/photos/", dest="/copy", settings=other_port))
    jobs.create(build.job(name="no", dest="me@other-nas.lan:/copy"))
    jobs.create(build.job(name="a folder", dest="/mnt/nas.lan/copy"))
    uses = JobUses(jobs)
    assert [job.id for job in uses.of_host("nas.lan", 22)] == [near.id]
    assert [job.id for job in uses.of_host("nas.lan", 2222)] == [far.id]
