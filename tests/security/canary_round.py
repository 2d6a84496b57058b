"""One round: plant, use, look; what was found, and how much was looked at. It judges nothing."""

from pathlib import Path
from typing import NamedTuple

from flask_app.listen import AsyncMode
from tests.security.canaries import in_calls, in_files, in_words, open_to_others
from tests.security.canary_use import use_everything
from tests.security.canary_world import canary_world, hidden_form

LEAST = {"rsync": 6, "rclone": 4, "ssh": 2}  # calls that such a round makes at any rate


class Round(NamedTuple):
    """`found` has a line for each secret in a wrong place, and for each file that others can read."""

    found: list[str]
    secrets: int
    answers: int
    calls: int


def played(root: Path, mode: AsyncMode, broken: str = "") -> Round:
    with canary_world(root, mode, broken) as world:
        use_everything(world)
        canaries = [*world.canaries, hidden_form(world)]
        calls = world.calls()
    for program, least in LEAST.items():
        assert len([call for call in calls if call.words[0].endswith(f"/{program}")]) >= least, program
    found = [*in_words(canaries, world.said), *in_calls(canaries, calls)]
    found += [where for where in in_files(canaries, root) if not _is_of_the_test(where)]
    return Round(found + open_to_others(root), len(canaries), len(world.said), len(calls))


def _is_of_the_test(where: str) -> bool:
    """The daemon has to know its password somehow, and the recorder writes down what it is given."""
    return where.partition(" in ")[2].startswith(("daemon/", "calls"))
