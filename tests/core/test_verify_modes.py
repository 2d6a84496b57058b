"""Which verification is in force: the job's own, else the one for all jobs."""

from dataclasses import replace

import pytest

from engines.base import Step
from models.job import JobSettings
from models.settings import Settings, VerificationMode
from tests.core.house import House


def steps(house: House, everywhere: VerificationMode, own: str | None) -> tuple[Step, ...]:
    house.parts.settings.save(replace(Settings(), verification_mode=everywhere))
    job = house.create(settings=JobSettings(verify=own))
    return house.parts.manager._starting.command(house.parts.jobs.get(job.id))


@pytest.mark.parametrize(
    ("everywhere", "own", "purposes", "by_content"),
    [
        ("fast", None, ["transfer"], False),
        ("checksum", None, ["transfer"], True),
        ("verify_after", None, ["transfer", "verify"], False),
        ("verify_after", "fast", ["transfer"], False),
        ("fast", "verify_after", ["transfer", "verify"], False),
    ],
)
def test_the_jobs_own_mode_goes_first(
    house: House, everywhere: VerificationMode, own: str | None, purposes: list[str], by_content: bool
) -> None:
    made = steps(house, everywhere, own)
    assert [step.purpose for step in made] == purposes
    assert ("-c" in made[0].argv) is by_content


def test_a_file_may_ask_for_a_verification_by_hand(house: House) -> None:
    job = house.create()
    file = house.arena.folder.jobs_file
    text = file.read_text()
    assert "settings: {}" in text
    file.write_text(text.replace("settings: {}", "settings: {verify: verify_after}"))
    found = house.parts.jobs.get(job.id).settings
    assert (found.verify, found.unbuilt) == ("verify_after", ())
