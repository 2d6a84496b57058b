"""The icons of the installed app are the drawing, and can be made again from it."""

import importlib.util
import struct
import zlib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
BLUE, WHITE = (44, 83, 196, 255), (255, 255, 255, 255)


def maker() -> ModuleType:
    """script/lib/app_icons.py."""
    spec = importlib.util.spec_from_file_location("app_icons", ROOT / "script/lib/app_icons.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pixels(path: Path) -> bytes:
    """What `drawn` gives: every row after its filter byte."""
    content, at, compressed = path.read_bytes(), 8, b""
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        if content[at + 4 : at + 8] == b"IDAT":
            compressed += content[at + 8 : at + 8 + length]
        at += 12 + length
    return zlib.decompress(compressed)


def pixel(rows: bytes, edge: int, x: float, y: float) -> tuple[int, ...]:
    """The colour at a point of the drawing, which is 28 wide."""
    at = int(y / 28 * edge) * (4 * edge + 1) + 1 + 4 * int(x / 28 * edge)
    return tuple(rows[at : at + 4])


def test_the_committed_icon_is_what_the_drawing_gives() -> None:
    icons = maker()
    again = icons.drawn((ROOT / "flask_app/static/icon.svg").read_text(), 192, False)
    assert again == pixels(ROOT / "flask_app/static/app/icon-192.png"), "run python3 script/lib/app_icons.py"


@pytest.mark.parametrize(("name", "edge"), [("icon-512", 512), ("icon-maskable-512", 512), ("icon-192", 192)])
def test_ground_and_strokes_have_their_colours(name: str, edge: int) -> None:
    rows = pixels(ROOT / f"flask_app/static/app/{name}.png")
    assert pixel(rows, edge, 14, 12) == BLUE
    assert pixel(rows, edge, 14, 14) == WHITE
    corner = pixel(rows, edge, 0.1, 0.1)
    assert corner == BLUE if "maskable" in name else corner[3] == 0


def test_the_files_are_small() -> None:
    assert all(path.stat().st_size < 10_000 for path in (ROOT / "flask_app/static/app").glob("*.png"))
