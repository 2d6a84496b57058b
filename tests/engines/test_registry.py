"""Engines are found by name; only the shipped ones are known without asking what is installed."""

import importlib.metadata
import subprocess
import sys

import pytest

from engines import registry
from engines.registry import UnknownEngine, engine, names


@pytest.fixture(autouse=True)
def _forget() -> None:
    registry.engine.cache_clear()
    registry._entry_points.cache_clear()


def install(monkeypatch: pytest.MonkeyPatch, **addresses: str) -> None:
    points = [
        importlib.metadata.EntryPoint(name, address, registry.ENTRY_POINTS) for name, address in addresses.items()
    ]
    monkeypatch.setattr(
        importlib.metadata, "entry_points", lambda group: points if group == registry.ENTRY_POINTS else []
    )


def test_rsync_is_shipped() -> None:
    assert engine("rsync").name == "rsync"
    assert names()[0] == "rsync"


def test_an_engine_is_made_once() -> None:
    assert engine("rsync") is engine("rsync")


def test_an_unknown_name_is_refused_in_words_beside_the_type_field() -> None:
    with pytest.raises(UnknownEngine) as refusal:
        engine("xcopy")
    assert "“xcopy”" in refusal.value.message
    assert "rsync" in refusal.value.message
    assert set(refusal.value.fields) == {"type"}
    assert refusal.value.code == "unknown_engine"


def test_an_installed_engine_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, tape="engines.rsync:Rsync")
    assert names() == ("rsync", "rclone", "tape")
    assert engine("tape").program == "rsync"


def test_an_installed_engine_cannot_take_the_place_of_a_shipped_one(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, rsync="os:getcwd")
    assert names() == ("rsync", "rclone")
    assert type(engine("rsync")).__name__ == "Rsync"


@pytest.mark.parametrize("address", ["no.such.module:Engine", "engines.rsync:Nothing"])
def test_an_installed_engine_that_cannot_be_loaded_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    install(monkeypatch, tape=address)
    with pytest.raises(UnknownEngine, match="“tape” is installed but cannot be loaded"):
        engine("tape")


def test_engines_need_the_standard_library_only() -> None:
    program = (
        "import sys; from engines.registry import engine; engine('rsync');"
        "print(sorted({name.split('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)))"
    )
    answer = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "['__main__', 'engines', 'models', 'utils']"
