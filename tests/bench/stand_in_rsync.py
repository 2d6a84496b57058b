#!/usr/bin/env python3
"""Plays rsync for the measurements: writes progress lines whose byte figure is the time in microseconds.

How long and how often stands in `stand-in.json` in its source, because a tool's environment is scrubbed.
"""

import json
import sys
import time
from pathlib import Path


def main() -> int:
    if "--version" in sys.argv:
        print("rsync  version 3.4.3  protocol version 32")
        return 0
    source = Path(sys.argv[-2])
    settings = json.loads((source / "stand-in.json").read_text())
    until = time.monotonic() + settings["seconds"]
    while time.monotonic() < until:
        time.sleep(settings["pause"])
        stamp = time.time_ns() // 1000
        sys.stdout.write(f"\r{stamp:>15}  50%    1.00MB/s    0:10:00  ")
        sys.stdout.flush()
    sys.stdout.write("\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
