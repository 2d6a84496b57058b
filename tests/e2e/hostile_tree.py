"""A folder whose names are as hard as file names can be; it makes files and judges nothing."""

import os
import random
from dataclasses import dataclass
from pathlib import Path

LOOKS_LIKE_PROGRESS = b"  1,234,567  45%   12.34MB/s    0:00:12 (xfr#3, to-chk=5"
HARD_NAMES = (
    b"new\nline",
    b"carriage\r 99% return",
    b"\xff\xfe not utf-8 \xc3(",
    b"-rf",
    b"--delete",
    b"--rsh=touch pwned",
    b"quotes ' and \" and `id` and $(id)",
    b"<script>alert(1)",
    b"<img src=x onerror=alert(1)>",
    b"{{ 7 * 7 }} {% raw %}",
    b"*",
    b"[ab]?",
    b"back\\slash \\#012",
    b"tab\tand \x1b[31mred\x07",
    b" leading space",
    b"trailing space ",
    b"...",
    b"@>f+++++++++|12|not a line of rsync",
    b"sent 1 bytes  received 2 bytes  3.00 bytes/sec",
    b"rsync error: error in file IO (code 11) at main.c(1)",
    b"n" * 255,
    "🍰 cake".encode(),
    "left \u202egpj.exe".encode(),
    "cafe\u0301".encode(),
    "café".encode(),
    "line\u2028separator".encode(),
    "😀".encode() * 63,
)
MODES = (0o644, 0o600, 0o755, 0o400, 0o666)
POOL = 8 << 20


@dataclass(frozen=True)
class Made:
    """What was made: regular files and the bytes in them."""

    files: int
    bytes: int


def make(root: Path, files: int, size: int, large: int = 0) -> Made:
    """`files` regular files of `size` bytes together below `root`; `large` of the bytes are one file, sent late."""
    dice = random.Random(files)
    pool = dice.randbytes(POOL)
    names = _names(files - (1 if large else 0))
    sizes = _sizes(len(names), size - large, dice)
    for name, count in zip(names, sizes, strict=True):
        _write(os.path.join(os.fsencode(root), name), count, pool, dice)
    if large:
        _write(os.path.join(os.fsencode(root), b"zz", b"large"), large, pool, dice)
    _links(root)
    _date_folders(root, dice)
    return Made(len(names) + bool(large), sum(sizes) + large)


def _names(count: int) -> list[bytes]:
    """Hard names in hard folders first, then plain ones, some hundred to a folder."""
    hard = [os.path.join(b"hard", name) for name in HARD_NAMES]
    hard += [os.path.join(b"hard folders", folder, b"inside") for folder in HARD_NAMES]
    hard += [os.path.join(b"hard folders", LOOKS_LIKE_PROGRESS, b"10)"), b"empty"]
    plain = [b"plain %03d/file %05d.bin" % (number // 200, number) for number in range(count - len(hard))]
    return [*hard, *plain]


def _sizes(count: int, total: int, dice: random.Random) -> list[int]:
    """Uneven sizes whose sum is exactly `total`; the first few are small."""
    weights = [0.02 if number < 2 * len(HARD_NAMES) else dice.uniform(0.1, 2) for number in range(count)]
    scale = total / sum(weights)
    sizes = [int(weight * scale) for weight in weights]
    sizes[-1] += total - sum(sizes)
    return sizes


def _write(path: bytes, size: int, pool: bytes, dice: random.Random) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        left = size
        while left > 0:
            start = dice.randrange(POOL // 2)
            left -= file.write(pool[start : start + min(left, POOL // 2)])
    os.chmod(path, dice.choice(MODES))
    moment = dice.randrange(10**18, 17 * 10**17)
    os.utime(path, ns=(moment, moment))


def _links(root: Path) -> None:
    place = os.path.join(os.fsencode(root), b"links")
    os.makedirs(place)
    for number, target in enumerate((b"../hard/new\nline", b"nowhere", b"/etc/hostname", b"-rf", b"../hard")):
        os.symlink(target, os.path.join(place, b"link %d" % number))


def _date_folders(root: Path, dice: random.Random) -> None:
    for place, _folders, _files in os.walk(os.fsencode(root), topdown=False):
        moment = dice.randrange(10**18, 17 * 10**17)
        os.utime(place, ns=(moment, moment))


def deepen(folder: Path) -> None:
    """Folders in folders as deep as rsync opens them, and in the last a file whose path is longer than it reads."""
    left = 4090 - len(str(folder))
    place = os.open(folder, os.O_RDONLY)
    while left > 1:
        name = "d" * min(200, left - 1)
        os.mkdir(name, dir_fd=place)
        below = os.open(name, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place, left = below, left - len(name) - 1
    os.close(os.open("f" * 255, os.O_CREAT | os.O_WRONLY, dir_fd=place))
    os.close(place)
