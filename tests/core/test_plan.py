"""What a supervisor is given."""

import json

from core.plan import Plan
from engines.base import Tool
from models.job import JobSettings, SshAccess
from tests import build


def test_a_plan_survives_the_way_to_the_supervisor() -> None:
    job = build.job(settings=JobSettings(exclude=("a", "b"), ssh=SshAccess(22, "/key")), source="/s\udcff/")
    plan = Plan(
        job, Tool("/usr/bin/rsync", (3, 2, 7), "3.2.7"), 500, 3, 60.0, 5, "/known", "/password", large_tree=True
    )
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


def test_the_engine_is_told_what_the_plan_says() -> None:
    plan = Plan(build.job(), Tool("/usr/bin/rsync", (3, 2, 7)), 500, known_hosts="/known", password_file="/password")
    context = plan.context(has_partial_files=True, as_root=False)
    assert (context.tool, context.bandwidth_limit, context.has_partial_files) == (plan.tool, 500, True)
    assert (context.known_hosts, context.password_file, context.as_root) == ("/known", "/password", False)
