"""What the fields of a job try to become: options, commands, other places. Each attack says what it gained.

The commands are really run; `tests/security/test_injection.py` compares thousands of them element by element.
"""

import json
import shlex
from collections.abc import Mapping

import pytest

from models.errors import AppError
from tests.security import payloads
from tests.security.site import Site
from utils.ids import new_job_id

LISTENING_NOWHERE = "http://127.0.0.1:9"


def carried_out(site: Site, **changes: object) -> str:
    """Ask for the job through the API and write it into jobs.yaml, and run whatever its command then is."""
    canary = site.root / "canary"
    canary.unlink(missing_ok=True)
    answer = site.make_job(**changes)
    if answer.status_code == 201:
        run_command(site, answer.json()["data"]["id"])
    run_command(site, by_hand(site, changes))
    return "a command of the attacker's was run" if canary.exists() else ""


def by_hand(site: Site, changes: Mapping[str, object]) -> str:
    body = {"name": "Photos", "type": "rsync", "source": f"{site.root}/photos/", "dest": f"{site.root}/copies"}
    job = payloads.document(new_job_id(), {"settings": {}, **body, **changes})
    site.write("jobs:\n" + payloads.by_hand(job))
    site.core.jobs.confirm_missing()
    return str(job["id"])


def run_command(site: Site, job_id: str) -> None:
    """As the supervisor would, with the same environment."""
    from core import process

    try:
        commands = site.core.manager.command(job_id)
    except AppError:
        return
    for command in commands:
        process.capture(shlex.split(command), timeout=20)


def a_source_is_an_option_of_rsync(site: Site) -> str:
    """`-e sh -c …` makes a shell of the program that reaches the other host."""
    return carried_out(site, source=f"-e sh -c 'touch {site.root}/canary'", dest="127.0.0.1:/x")


def a_source_is_a_connection_string_of_rclone(site: Site) -> str:
    """A remote made up on the fly may name the program that fetches its password."""
    remote = f':webdav,url="{LISTENING_NOWHERE}",bearer_token_command="touch {site.root}/canary":'
    return carried_out(site, type="rclone", source=remote)


def a_remote_is_given_other_options(site: Site) -> str:
    """A remote that is configured, with an option of the attacker's behind its name."""
    config = site.root / "home/.config/rclone/rclone.conf"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f"[nas]\ntype = webdav\nurl = {LISTENING_NOWHERE}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(site.root / "home"))
        source = f'nas,url="{LISTENING_NOWHERE}",bearer_token_command="touch {site.root}/canary":'
        return carried_out(site, type="rclone", source=source)


def the_path_of_a_key_is_an_option_of_ssh(site: Site) -> str:
    program = site.root / "planted"
    program.write_text(f"#!/bin/sh\ntouch {site.root}/canary\n")
    program.chmod(0o755)
    key = f"/k -oProxyCommand={program}"
    return carried_out(site, dest="127.0.0.1:/x", settings={"ssh": {"key": key}})


def the_environment_of_the_server_commands_the_tools(site: Site) -> str:
    """`RSYNC_*` and `RCLONE_*` name programs and change what is copied."""
    source, canary = site.root / "photos", site.root / "canary"
    dest = site.root / f"by rclone {len(list(site.root.iterdir()))}"
    canary.unlink(missing_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RSYNC_CONNECT_PROG", f"touch {canary}")
        patch.setenv("RCLONE_DRY_RUN", "true")
        run_command(site, site.job(dest="127.0.0.1::module"))
        run = site.run(site.job(type="rclone", source=f"{source}/", dest=str(dest)))
    copied = (dest / "photo.jpg").exists()
    return "a command was run" if canary.exists() else "" if run["state"] == "done" and copied else "nothing was copied"


def a_tag_of_yaml_makes_an_object(site: Site) -> str:
    canary = site.root / "canary"
    canary.unlink(missing_ok=True)
    name = f"!!python/object/apply:os.system [{json.dumps(f'touch {canary}')}]"
    site.write(f"jobs:\n- id: {new_job_id()}\n  name: {name}\n")
    site.core.jobs.snapshot()
    made = canary.exists()
    return "a command was run" if made else ""
