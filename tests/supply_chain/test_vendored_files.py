"""The check of vendored files, on a checkout in which one thing is wrong."""

import json
import shutil
from pathlib import Path

import pytest

from tests.supply_chain.vendored_files import FOLDERS, MANIFEST, ROOT, main, problems

HTMX = "flask_app/static/vendor/htmx.min.js"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the check looks at, to be changed."""
    for name in (*FOLDERS, "flask_app/static/css", "script"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "flask_app/static/icons.svg", tmp_path / "flask_app/static/icons.svg")
    return tmp_path


def test_a_checkout_as_it_is_has_nothing_wrong(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(checkout) == 0
    assert capsys.readouterr().out == "Each vendored and each built file has the hash of the manifest.\n"


def vendored_and_built() -> list[str]:
    manifest = json.loads((ROOT / MANIFEST).read_text())
    return [entry["path"] for entry in [*manifest["vendored"], *manifest["built"]["files"]]]


@pytest.mark.parametrize("name", vendored_and_built())
def test_one_changed_byte_is_found_in_every_file(checkout: Path, name: str) -> None:
    content = bytearray((checkout / name).read_bytes())
    content[len(content) // 2] ^= 1
    (checkout / name).write_bytes(content)
    assert problems(checkout) == [f"{name} is not what the manifest says."]


def test_a_file_that_is_gone_is_found(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / HTMX).unlink()
    assert main(checkout) == 1
    assert capsys.readouterr().out == f"{HTMX} is missing.\nRun script/assets.\n"


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_file_that_nobody_named_is_found(checkout: Path, folder: str) -> None:
    (checkout / folder / "extra.js").write_text("fetch('/')")
    assert problems(checkout) == [f"{folder}/extra.js is not in the manifest."]


def test_another_version_in_the_script_that_fetches_is_found(checkout: Path) -> None:
    script = checkout / "script/assets"
    script.write_text(script.read_text().replace("htmx.org@2.0.11", "htmx.org@2.0.10"))
    assert problems(checkout) == [
        "Only one of script/assets and the manifest names htmx.org@2.0.10.",
        "Only one of script/assets and the manifest names htmx.org@2.0.11.",
    ]
