"""Breaks the product on purpose in every Python process that has this folder on its path; never product code.

`PROVE_BROKEN` names how; see `BROKEN` of `kills_world`, `move_world` and `family_canaries`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
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
    elif name == "no-stat-check":  # what was compared goes, whatever became of it since
        from core import deleting
        from core.manifest import Manifest

        setattr(Manifest, "is_as_it_was", lambda *_: True)  # noqa: B010
        setattr(deleting, "_is_same", lambda *_: True)  # noqa: B010
    elif name == "trusts-names":  # what has a namesake at the destination goes
        from core import deletion
        from core.manifest import Manifest

        setattr(Manifest, "is_as_it_was", lambda *_: True)  # noqa: B010
        setattr(deletion, "verified_names", all_names)  # noqa: B010
    elif name == "whole-environment":  # tools and supervisors get all that the server has
        import core.process

        setattr(core.process, "scrubbed", lambda extra=None: {**os.environ, **(extra or {})})  # noqa: B010
        setattr(core.process, "_for_the_supervisor", lambda: dict(os.environ))  # noqa: B010
    elif name == "shows-places":  # what a person wrote into jobs.yaml is shown as it stands there
        import storage.job_document

        setattr(storage.job_document, "without_password", str)  # noqa: B010
    elif name:
        raise SystemExit(f"PROVE_BROKEN={name}: no such broken build")


def all_names(verified: Path) -> Iterator[bytes]:
    """Every file that both sides have by name, compared or not."""
    job = json.loads((verified.parent / "spec.json").read_text())["job"]
    for place, _folders, names in os.walk(os.fsencode(job["source"])):
        for name in names:
            found = os.path.relpath(os.path.join(place, name), os.fsencode(job["source"]))
            if os.path.lexists(os.path.join(os.fsencode(job["dest"]), found)):
                yield found


def mortal(run_folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-s", "-m", "core.supervisor", str(run_folder)], cwd=ROOT)


apply(os.environ.get("PROVE_BROKEN", ""))
