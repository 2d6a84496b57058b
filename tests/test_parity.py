"""docs/parity.md names what shows each of its rows; whatever it names is there."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from models.job import JobSettings
from models.settings import Config, Settings

ROOT = Path(__file__).resolve().parents[1]
PARITY = (ROOT / "docs/parity.md").read_text()
TESTS = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PARITY)))
FIGURES = sorted(set(re.findall(r"figure “([^”]+)”", PARITY)))
ROWS = [line for line in PARITY.splitlines() if line.startswith("| ") and not set(line) <= set("| -")]


@pytest.mark.parametrize(("path", "name"), TESTS, ids=[name for _, name in TESTS])
def test_a_test_that_shows_a_row_is_there(path: str, name: str) -> None:
    assert f"\ndef {name}(" in (ROOT / "tests" / path).read_text()


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_that_shows_a_row_is_printed(figure: str) -> None:
    assert f"| {figure}" in (ROOT / "docs/proof.md").read_text()


def test_every_row_is_shown_by_something() -> None:
    heads = {line for line, below in zip(PARITY.splitlines(), PARITY.splitlines()[1:], strict=False) if "---" in below}
    bare = [row for row in ROWS if row not in heads and "::" not in row and "figure “" not in row]
    assert bare == []
    assert "partly" not in PARITY
    assert len(ROWS) > 80


def test_every_setting_is_explained_in_the_manual() -> None:
    manual = (ROOT / "docs/settings.md").read_text()
    names = [field.name for shape in (Settings, Config) for field in fields(shape)]
    names += [name for name in JobSettings._fields if name != "unbuilt"]
    assert [name for name in names if f"`{name}`" not in manual] == []
