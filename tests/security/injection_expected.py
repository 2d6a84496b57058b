"""What the product has to make of a definition, written down a second time, and the comparison with it."""

import re
import shlex

from core.file_systems import keeps_exact_times
from core.guard import nearest_existing
from models.job import Job
from tests.engines.test_options_in_fields import split_like_rsync, without_idle_steps
from tests.security.injection_world import World
from tests.security.payloads import Body
from utils.text import without_password

# A folder of this machine; else the plain name of a host or of a remote stands before the colon.
PLACES = {
    "rsync": re.compile(r"/.*|(rsync://)?[A-Za-z0-9_\[][A-Za-z0-9_.+@:\[\]-]*[:/].*", re.DOTALL),
    "rclone": re.compile(r"/.*|[\w.+@][\w.+@ -]*:.*", re.DOTALL),
}


def expected(world: World, body: Body) -> list[str]:
    """The arguments; the value of rsync's `-e` as the words that rsync splits it into."""
    settings, kind = body["settings"], body["type"]
    ends = [body[side].removeprefix(":local:") if kind == "rclone" else body[side] for side in ("source", "dest")]
    are_local = all(end.startswith("/") for end in ends)
    lead = [f"{world.root}/bin/{kind}"]
    if kind == "rclone":
        rules = [f"--filter=+ {text}" for text in settings.get("include", [])]
        rules += [f"--filter=- {text}" for text in settings.get("exclude", [])]
        config = "/dev/null" if are_local else f"{world.root}/home/.config/rclone/rclone.conf"
        frame = ["--use-json-log", "--stats=250ms", "--stats-log-level=NOTICE", "--retries=1", "--low-level-retries=2"]
        frame += ["--contimeout=15s", "--timeout=2m", "--ask-password=false", f"--config={config}"]
        return [*lead, "copy", "--create-empty-src-dirs", "--check-first", *rules, *frame, "--", *ends]
    is_exact = are_local and keeps_exact_times(nearest_existing(ends[1]))
    lead += ["-a", "--no-h", "--info=progress2,stats2", "--no-inc-recursive", "--outbuf=L"]
    lead += [
        "--partial-dir=.rsync-partial",
        "--mkpath",
        *(["--modify-window=-1"] if is_exact else []),
    ]
    lead += [f"--include={text}" for text in settings.get("include", [])]
    lead += [f"--exclude={text}" for text in settings.get("exclude", [])]
    if not are_local:
        is_daemon = any(re.match(r"rsync://|[^/]*::", end) for end in ends)
        lead += ["--timeout=60", *(["--contimeout=8"] if is_daemon else ["-s", "-e", *ssh_words(world, settings)])]
    return [*lead, "--", ends[0], without_idle_steps(ends[1])]


def ssh_words(world: World, settings: Body) -> list[str]:
    options = [
        "BatchMode=yes", "StrictHostKeyChecking=yes",
        f"UserKnownHostsFile={world.root}/data/known_hosts ~/.ssh/known_hosts", "UpdateHostKeys=no",
        "NumberOfPasswordPrompts=0", "ConnectTimeout=8", "ServerAliveInterval=15", "ServerAliveCountMax=4",
        "ControlMaster=no", "ControlPath=none", "ClearAllForwardings=yes", "PermitLocalCommand=no", "LogLevel=ERROR",
    ]  # fmt: skip
    key = settings.get("ssh", {}).get("key")
    given = ["-i", key, "-o", "IdentitiesOnly=yes"] if key else []
    return ["ssh", *(word for option in options for word in ("-o", option)), *given]


def compare(world: World, case: object, argv: list[str], body: Body) -> None:
    if "-e" in argv[: argv.index("--")]:
        at = argv.index("-e") + 1
        argv = [*argv[:at], *split_like_rsync(argv[at]), *argv[at + 1 :]]
    wanted = expected(world, body)
    assert len(argv) == len(wanted), (str(case), argv, wanted)
    for end in argv[-2:]:
        assert PLACES[body["type"]].fullmatch(end), (str(case), end, "no place that there may be")
    for number, (given, should) in enumerate(zip(argv, wanted, strict=True)):
        assert given == should, (str(case), f"element {number}", given, should)


def check_stored(case: object, job: Job, body: Body) -> None:
    settings = body["settings"]
    for name in ("name", "type"):
        assert getattr(job, name) == body[name], (str(case), name)
    for name in ("source", "dest"):  # what looks like a password is left out, and then the job is refused
        assert getattr(job, name) == without_password(body[name]), (str(case), name)
    for name in ("exclude", "include", "tags", "options"):
        assert list(getattr(job.settings, name)) == settings.get(name, []), (str(case), name)
    assert job.settings.ssh.key == (settings.get("ssh", {}).get("key") or None), (str(case), "ssh key")


def check_all(world: World) -> None:
    """What was taken is stored as it was given, and the command is what it has to be."""
    for tried, job_id, body in world.to_check:
        named = "; ".join(map(str, tried))
        check_stored(named, world.core.jobs.get(job_id), body)
        (command,) = world.core.manager.command(job_id)
        compare(world, named, shlex.split(command), body)
    world.to_check.clear()
