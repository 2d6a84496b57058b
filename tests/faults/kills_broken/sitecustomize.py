"""Breaks the product on purpose in every Python process that has this folder on its path; never product code.

`PROVE_BROKEN` names how; see `kills_world.BROKEN`.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))


def nothing(*_arguments: Any, **_named: Any) -> tuple[Any, ...]:
    return ()


def apply(name: str) -> None:
    if name == "no-recovery":  # whoever lost its supervisor stays as it is
        from core.recovery import Recovery

        setattr(Recovery, "look", nothing)  # noqa: B010
    elif name == "no-sweep":  # what killed tools left stays at the destination
        from core import leftovers

        setattr(leftovers, "remove", lambda _paths: 0)  # noqa: B010
    elif name == "trusting":  # a run without a supervisor is taken for done
        import core.recovery
        from models.run import RunState

        class Trusting:
            INTERRUPTED = RunState.DONE

        setattr(core.recovery, "RunState", Trusting)  # noqa: B010
    elif name == "no-session":  # supervisors die with the server's process group
        import core.dispatch

        setattr(core.dispatch, "spawn_supervisor", mortal)  # noqa: B010
    elif name:
        raise SystemExit(f"PROVE_BROKEN={name}: no such broken build")


def mortal(run_folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-s", "-m", "core.supervisor", str(run_folder)], cwd=ROOT)


apply(os.environ.get("PROVE_BROKEN", ""))
