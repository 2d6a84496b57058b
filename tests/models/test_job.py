"""The definition as plain values."""

import json

from models.job import JobSettings, SshAccess, job_from_json, job_to_json
from tests import build


def test_a_definition_survives_json() -> None:
    settings = JobSettings(
        bandwidth_limit=5, exclude=("*.tmp", "/a b/"), options=("acls",), ssh=SshAccess(2222, "/k"), unbuilt=("hooks",)
    )
    job = build.job(settings=settings, source="/s\udcff/")
    assert job_from_json(json.loads(json.dumps(job_to_json(job)))) == job
