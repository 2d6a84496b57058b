"""Whether a package that the server installs has a published hole, asked of the package index by pip-audit.

`python -m tests.supply_chain.known_holes` exits with 1 where there is one. Where the index cannot be asked, or does not
know about holes, it says so in one line and exits with 0: a build without a network is no finding.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 45
AUDIT = (sys.executable, "-m", "pip_audit")
OPTIONS = ("--requirement", "requirements.txt", "--disable-pip", "--require-hashes", "--format", "json")
QUIETLY = ("--progress-spinner", "off", "--timeout", "5")
NO_ANSWER = ("requests.exceptions.", "_service.interface.ServiceError", "Tip: your network may be blocking")


class CannotAsk(Exception):
    """The index did not answer, or not in time."""


class Answer(NamedTuple):
    """What the index said: the holes as lines, how many packages it knew, and how many it did not."""

    holes: list[str]
    known: int
    unknown: int


def main(audit: Sequence[str] = AUDIT, seconds: float = SECONDS) -> int:
    try:
        answer = asked(audit, seconds)
    except CannotAsk:
        print("The package index could not be asked about published holes: not checked.")
        return 0
    for line in answer.holes:
        print(line)
    if answer.unknown:
        total = answer.known + answer.unknown
        print(f"The package index has no answer about {answer.unknown} of {total} packages: these were not checked.")
    if answer.known and not answer.holes:
        print(f"No published hole in {answer.known} packages.")
    return 1 if answer.holes else 0


def asked(audit: Sequence[str], seconds: float) -> Answer:
    """`CannotAsk` where the index is at fault; RuntimeError where pip-audit is."""
    try:
        ended = subprocess.run(
            [*audit, *OPTIONS, *QUIETLY], cwd=ROOT, capture_output=True, check=False, text=True, timeout=seconds
        )
    except subprocess.TimeoutExpired as error:
        raise CannotAsk from error
    if not ended.stdout.strip():
        if any(sign in ended.stderr for sign in NO_ANSWER):
            raise CannotAsk
        raise RuntimeError(f"pip-audit ended with {ended.returncode}: {ended.stderr}")
    packages = json.loads(ended.stdout)["dependencies"]
    known = [package for package in packages if "skip_reason" not in package]
    holes = [_line(package, hole) for package in known for hole in package["vulns"]]
    return Answer(holes, len(known), len(packages) - len(known))


def _line(package: dict[str, Any], hole: dict[str, Any]) -> str:
    fixed = ", ".join(hole["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']} has a published hole: {hole['id']} (mended in {fixed})."


if __name__ == "__main__":
    sys.exit(main())
