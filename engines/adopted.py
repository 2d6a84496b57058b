"""What an engine makes of a command line of its tool that somebody else wrote: values, and words all engines share."""

import re
from typing import NamedTuple

from models.job import JobSettings
from utils.text import shortened

_RATE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([bkmgtp]?)(i?b)?", re.IGNORECASE)
_POWERS = {"b": -1, "": 0, "k": 0, "m": 1, "g": 2, "t": 3, "p": 4}
DELETES = "`{}` deletes at the destination. A job here only copies: nothing is deleted there."
DELETES_SOURCE = (
    "`{}` deletes at the source. This is left out: turn it on in the form of the job, where it is explained."
)
UNKNOWN = "`{}` is not understood and left out."


class Adopted(NamedTuple):
    """A job as the command line says: sides as they were typed, what of it the settings hold, and a sentence for each
    part that they do not."""

    source: str
    dest: str
    settings: JobSettings = JobSettings()
    left_out: tuple[str, ...] = ()


def kibibytes(text: str) -> int | None:
    """A rate such as `10M` or `2.5MB` (1000s) as whole KiB a second, as rsync and rclone read it; None for others."""
    found = _RATE.fullmatch(text)
    if found is None:
        return None
    power = _POWERS[found[2].lower()]
    base = 1000 if (found[3] or "").lower() == "b" and found[2] else 1024
    size = float(found[1]) * (base ** (power + 1)) / 1024
    return max(1, round(size)) if size > 0 else 0


def short(text: str) -> str:
    """As much of a word as a sentence can bear."""
    return shortened(text, 80)
