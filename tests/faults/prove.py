"""Runs one family of faults by its name; a family is a module `family_*.py` here, not code in this one."""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence
from typing import Protocol, cast

import tests.faults


class Family(Protocol):
    NAME: str
    DEFAULT_COUNT: int

    def prove(self, count: int) -> int:
        """Run `count` times, print the figures, return the exit status: 0 only if every one held."""


def families() -> dict[str, Family]:
    names = (found.name for found in pkgutil.iter_modules(tests.faults.__path__))
    modules = [importlib.import_module(f"tests.faults.{name}") for name in names if name.startswith("family_")]
    return {module.NAME: cast("Family", module) for module in modules}


def main(arguments: Sequence[str]) -> int:
    known = families()
    parser = argparse.ArgumentParser(prog="script/prove", description="Run a family of fault or load tests.")
    parser.add_argument("family", choices=sorted(known), metavar="FAMILY", help=", ".join(sorted(known)))
    parser.add_argument("--count", type=_count, help="how often; without it as often as docs/proof.md says")
    chosen = parser.parse_args(arguments)
    family = known[chosen.family]
    return family.prove(chosen.count or family.DEFAULT_COUNT)


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError(text)
    return count


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
