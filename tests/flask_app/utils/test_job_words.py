"""The facts beside the form."""

from engines.registry import engine, names
from flask_app.forms import empty_form
from flask_app.utils.job_words import facts
from flask_app.utils.words import OPTION_WORDS
from models.job import JobSettings, SshAccess
from models.settings import Settings

FORM = empty_form("rsync")


def test_what_was_not_chosen_is_told_with_the_setting_in_force() -> None:
    usual = Settings(default_bandwidth_limit=2000, max_retry_attempts=1, verification_mode="checksum")
    assert facts(FORM, JobSettings(), usual) == (
        ("Compared", "By content, before copying"),
        ("Speed", "At most 2,000 KiB/s"),
        ("Left out", "Nothing"),
        ("If the network fails", "Not tried again"),
        ("As in Settings", "Comparison, speed, tries"),
    )
    chosen = JobSettings(verify="fast", max_retries=3)
    assert dict(facts(FORM, chosen, usual))["As in Settings"] == "Speed"


def test_everything_that_was_chosen_is_told() -> None:
    settings = JobSettings(
        bandwidth_limit=0, verify="fast", max_retries=2, exclude=("a", "b"), include=("c",), enabled=False,
        delete_source_after=True, deletion_confirmed=True, skip_deletion_this_run=True, list_files=True,
        ssh=SshAccess(2222, "/root/.ssh/nas"),
    )  # fmt: skip
    found = dict(facts(FORM, settings, Settings()))
    assert found == {
        "Compared": "By size and date",
        "Speed": "No limit",
        "Left out": "What 2 patterns catch, except for 1 pattern",
        "Files at the source": "Deleted once proven, all or nothing, not in the next run",
        "Also": "List every copied file in the log",
        "Remote access": "port 2222, key /root/.ssh/nas",
        "If the network fails": "Up to 2 tries",
        "Starts": "Not at all: it is disabled",
    }


def test_every_option_of_every_engine_is_explained_in_a_sentence() -> None:
    for name in names():
        for option in engine(name).options:
            label, sentence = OPTION_WORDS[option]
            assert label
            assert sentence.endswith(".")
