"""Draws flask_app/static/icon.svg as the PNG files that an installed app needs; it knows that drawing's shapes only.

Run `python3 script/lib/app_icons.py` after a change of icon.svg. Standard library; the same pixels everywhere.
"""

import math
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "flask_app" / "static"
# Name, edge in pixels, and whether the ground fills the square, for systems that cut the shape themselves.
ICONS = (("app/icon-192.png", 192, False), ("app/icon-512.png", 512, False), ("app/icon-maskable-512.png", 512, True))
Point = tuple[float, float]


def strokes(path: str) -> Iterator[tuple[Point, Point]]:
    """The straight lines of a path of M, h (one length, two points before it)."""
    rest = re.sub(r"M([\d.]+) ([\d.]+)h([\d.]+)", "", path)
    if rest:
        raise SystemExit(f"icon.svg has a shape that is not known here: {rest}")
    for x, y, length in re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)", path):
        yield (float(x), float(y)), (float(x) + float(length), float(y))


def number(svg: str, name: str) -> float:
    found = re.search(rf'\b{name}="([\d.]+)"', svg)
    if not found:
        raise SystemExit(f"icon.svg names no {name}")
    return float(found[1])


def colour(svg: str, name: str) -> tuple[int, ...]:
    found = re.search(rf'\b{name}="#([0-9a-f]{{3,6}})"', svg)
    if not found:
        raise SystemExit(f"icon.svg names no {name}")
    digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
    return tuple(bytes.fromhex(digits))


def drawn(svg: str, edge: int, fills_square: bool) -> bytes:
    """Rows of RGBA pixels, each after the filter byte of PNG."""
    path = re.search(r'\bd="([^"]+)"', svg)
    lines = list(strokes(path[1] if path else ""))
    box, corner, width = number(svg, "width"), number(svg, "rx"), number(svg, "stroke-width")
    ground, ink = colour(svg, "fill"), colour(svg, "stroke")
    unit = box / edge  # of the drawing, per pixel
    rows = bytearray()
    for row in range(edge):
        rows.append(0)
        y = (row + 0.5) * unit
        for column in range(edge):
            x = (column + 0.5) * unit
            inside = 1.0 if fills_square else cover(to_square(x, y, box, corner), unit)
            mark = max(cover(to_line(x, y, line) - width / 2, unit) for line in lines)
            pixel = [round(low + (high - low) * mark) for low, high in zip(ground, ink, strict=True)]
            rows += bytes((*pixel, round(255 * inside)))
    return bytes(rows)


def cover(distance: float, unit: float) -> float:
    """How much of a pixel lies inside a shape whose edge is that far away."""
    return min(1.0, max(0.0, 0.5 - distance / unit))


def to_square(x: float, y: float, box: float, corner: float) -> float:
    """Distance to a square with round corners; negative inside."""
    half = box / 2
    across, down = abs(x - half) - half + corner, abs(y - half) - half + corner
    return math.hypot(max(across, 0.0), max(down, 0.0)) + min(max(across, down), 0.0) - corner


def to_line(x: float, y: float, line: tuple[Point, Point]) -> float:
    (start, level), (end, _) = line
    return math.hypot(x - min(max(x, start), end), y - level)


def png(edge: int, rows: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", edge, edge, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def main() -> None:
    svg = (STATIC / "icon.svg").read_text()
    for name, edge, fills_square in ICONS:
        (STATIC / name).write_bytes(png(edge, drawn(svg, edge, fills_square)))


if __name__ == "__main__":
    main()
