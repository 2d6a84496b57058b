"""Takes defences out of every Python process that has this folder on its path; never product code.

`BROKEN_DEFENCES` names them, with commas between; see `tests/security/defences.py`.
"""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))


def everything(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    return {**os.environ, **(extra or {})}


def apply(name: str) -> None:
    if name == "environment":
        from core import process

        setattr(process, "scrubbed", everything)  # noqa: B010
    elif name == "visible text":
        from utils import text

        setattr(text, "HOSTILE", re.compile("(?!)"))  # noqa: B010
    elif name == "links":
        setattr(os, "O_NOFOLLOW", 0)  # noqa: B010
    elif name == "ids":
        from utils import ids

        setattr(ids, "_JOB_ID", re.compile(".*"))  # noqa: B010
    else:
        raise SystemExit(f"BROKEN_DEFENCES={name}: there is no such defence")


for found in filter(None, os.environ.get("BROKEN_DEFENCES", "").split(",")):
    apply(found)
