"""Runs the measurements, all or the named ones; each is a module `bench_*.py` here."""

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from typing import Protocol, cast

import tests.bench
from tests.bench.server import LOGIN
from tests.bench.table import Row, markdown


class Measurement(Protocol):
    NAME: str

    def measure(self) -> list[Row]:
        """Measure, with controls; medians, so that one slow moment does not decide."""


def measurements() -> dict[str, Measurement]:
    names = (found.name for found in pkgutil.iter_modules(tests.bench.__path__))
    modules = [importlib.import_module(f"tests.bench.{name}") for name in names if name.startswith("bench_")]
    return {module.NAME: cast("Measurement", module) for module in modules}


def main(arguments: Sequence[str]) -> int:
    known = measurements()
    parser = argparse.ArgumentParser(prog="script/bench", description="Measure and print the performance table.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(sorted(known))}; without one, all")
    parser.add_argument("--login", action="store_true", help="ask for an account, and come in with a login")
    chosen = parser.parse_args(arguments)
    if chosen.login:
        os.environ[LOGIN] = "1"
    names = chosen.names or sorted(known)
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}")
    rows = [row for name in names for row in _measured(name, known[name])]
    print(markdown(rows))
    return 0 if all(row.met for row in rows) else 1


def _measured(name: str, measurement: Measurement) -> list[Row]:
    print(f"measuring {name} …", file=sys.stderr, flush=True)
    return measurement.measure()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
