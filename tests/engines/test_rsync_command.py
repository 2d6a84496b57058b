"""The command line, element by element."""

import pytest

from engines.base import Context, Tool
from engines.rsync_command import OPTIONS, transfer_step
from models.job import JobSettings, SshAccess
from models.run import RunState
from tests import build

NEW = Context(Tool("/usr/bin/rsync", (3, 5, 0)))
BASE = (
    "/usr/bin/rsync",
    "-a",
    "--no-h",
    "--info=progress2,stats2",
    "--no-inc-recursive",
    "--outbuf=L",
    "--partial-dir=.rsync-partial",
    "--mkpath",
)
ENDS = ("--", "/srv/photos/", "/srv/backup/photos")
SSH_FIXED = (
    "-o UpdateHostKeys=no -o NumberOfPasswordPrompts=0 -o ConnectTimeout=8 -o ServerAliveInterval=15 "
    "-o ServerAliveCountMax=4 -o ControlMaster=no -o ControlPath=none -o ClearAllForwardings=yes "
    "-o PermitLocalCommand=no -o LogLevel=ERROR"
)
OWN_ONLY = "-o 'UserKnownHostsFile=/data/known_hosts ~/.ssh/known_hosts'"


def argv(context: Context = NEW, **changes: object) -> tuple[str, ...]:
    settings = changes.pop("settings", JobSettings())
    return transfer_step(build.job(settings=settings, **changes), context).argv


LOCAL = [
    ({}, {}, ()),
    ({}, {"bandwidth_limit": 500}, ("--bwlimit=500",)),
    ({"options": ("hard_links",)}, {}, ("-H",)),
    ({"options": ("acls",)}, {}, ("-A",)),
    ({"options": ("xattrs",)}, {}, ("-X",)),
    ({"options": ("numeric_ids",)}, {}, ("--numeric-ids",)),
    ({"options": ("one_file_system",)}, {}, ("-x",)),
    ({"options": ("compress",)}, {}, ("-z",)),
    ({"options": ("sparse",)}, {}, ("-S",)),
    ({"options": tuple(reversed(OPTIONS))}, {}, ("-H", "-A", "-X", "--numeric-ids", "-x", "-z", "-S")),
    ({"list_files": True}, {}, ("-8", "--out-format=@%i|%l|%n//")),
    ({"exclude": ("*.tmp", "-x", "a b")}, {}, ("--exclude=*.tmp", "--exclude=-x", "--exclude=a b")),
    (
        {"exclude": ("*",), "include": ("*.jpg", "--rsh=sh")},
        {},
        ("--include=*.jpg", "--include=--rsh=sh", "--exclude=*"),
    ),
]


@pytest.mark.parametrize(("settings", "context", "expected"), LOCAL)
def test_a_wish_becomes_exactly_its_argument(
    settings: dict[str, object], context: dict[str, object], expected: tuple[str, ...]
) -> None:
    made = argv(NEW._replace(**context), settings=JobSettings()._replace(**settings))  # type: ignore[arg-type]
    assert made == (*BASE, *expected, *ENDS)


@pytest.mark.parametrize(
    ("version", "missing"),
    [((3, 1, 0), {"--mkpath"}), ((3, 2, 2), {"--mkpath"}), ((3, 2, 3), set()), ((3, 4, 1), set())],
)
def test_an_older_rsync_is_not_given_what_it_does_not_know(version: tuple[int, int, int], missing: set[str]) -> None:
    made = argv(Context(Tool("/usr/bin/rsync", version)))
    assert made == (*(word for word in BASE if word not in missing), *ENDS)


def test_partial_files_of_a_stopped_try_are_used_by_comparing() -> None:
    assert argv(NEW._replace(has_partial_files=True)) == (*BASE, "--no-whole-file", *ENDS)


@pytest.mark.parametrize(
    ("version", "added"), [((3, 1, 2), ()), ((3, 1, 3), ("--modify-window=-1",)), ((3, 5, 0), ("--modify-window=-1",))]
)
def test_times_are_compared_exactly_where_the_destination_keeps_them(
    version: tuple[int, int, int], added: tuple[str, ...]
) -> None:
    tool = Tool("/usr/bin/rsync", version)
    exact, coarse = (argv(Context(tool, exact_times=known)) for known in (True, False))
    assert exact == (*coarse[: -len(ENDS)], *added, *ENDS)


def test_a_large_tree_is_listed_while_it_is_copied() -> None:
    assert argv(NEW._replace(large_tree=True)) == (*(word for word in BASE if word != "--no-inc-recursive"), *ENDS)


def test_the_step_transfers_under_a_fixed_locale() -> None:
    step = transfer_step(build.job(), NEW)
    assert step.phase is RunState.TRANSFERRING
    assert step.environment == {"LC_ALL": "C.UTF-8"}


def ssh_value(known_hosts: str = "/data/known_hosts", **access: object) -> str:
    made = argv(
        NEW._replace(known_hosts=known_hosts),
        dest="anna@nas:/srv/backup",
        settings=JobSettings(ssh=SshAccess(**access)),  # type: ignore[arg-type]
    )
    assert made[:-5] == (*BASE, "--timeout=60", "-s")
    assert (made[-5], *made[-3:]) == ("-e", "--", "/srv/photos/", "anna@nas:/srv/backup")
    return made[-4]


def test_ssh_never_asks_and_knows_only_accepted_keys() -> None:
    assert ssh_value() == f"ssh -o BatchMode=yes -o StrictHostKeyChecking=yes {OWN_ONLY} {SSH_FIXED}"


def test_ssh_is_told_port_and_key() -> None:
    assert ssh_value(port=2222, key="/root/.ssh/id").endswith(
        f"{SSH_FIXED} -p 2222 -i /root/.ssh/id -o IdentitiesOnly=yes"
    )


def test_spaces_and_quotes_in_paths_reach_ssh_as_one_word() -> None:
    value = ssh_value("/my data/100%/known_hosts", key="/keys/anna's key")
    assert "-o 'UserKnownHostsFile=\"/my data/100%%/known_hosts\" ~/.ssh/known_hosts'" in value
    assert "-i '/keys/anna''s key' -o" in value


@pytest.mark.parametrize("version", [(3, 1, 0), (3, 2, 4), (3, 5, 0)])
def test_a_remote_path_never_meets_a_remote_shell(version: tuple[int, int, int]) -> None:
    made = argv(Context(Tool("/usr/bin/rsync", version)), source="nas:/srv/`id`")
    assert "-s" in made[: made.index("--")]
    assert made[-2] == "nas:/srv/`id`"


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        ("nas:/srv/[2024] a*b?", "nas:/srv/\\[2024] a\\*b\\?"),
        ("nas::data/[x]", "nas::data/\\[x]"),
        ("rsync://nas:8730/data/[x]", "rsync://nas:8730/data/\\[x]"),
        ("[::1]:/srv/[x]", "[::1]:/srv/\\[x]"),
        ("/srv/[x]*", "/srv/[x]*"),
        ("nas:/srv/a\\b", "nas:/srv/a\\b"),
    ],
)
def test_wildcards_of_a_remote_source_are_disarmed(typed: str, given: str) -> None:
    assert argv(source=typed)[-2] == given


def test_a_daemon_gets_time_limits_and_a_password_file_and_no_shell() -> None:
    made = argv(NEW._replace(password_file="/run/password"), dest="anna@nas::data/x")
    assert made == (
        *BASE,
        "--timeout=60",
        "--contimeout=8",
        "--password-file=/run/password",
        "--",
        "/srv/photos/",
        "anna@nas::data/x",
    )


def test_the_port_of_a_job_serves_a_daemon_too_unless_its_address_has_one() -> None:
    settings = JobSettings(ssh=SshAccess(port=8730))
    assert "--port=8730" in argv(dest="nas::data", settings=settings)
    assert "--port=8730" not in argv(dest="rsync://nas:873/data", settings=settings)


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        ("/a//b/./c//", "/a/b/c/"),
        ("//a/.", "/a/"),
        ("/a/../.b/..c/d.", "/a/../.b/..c/d."),
        ("anna@nas:/a//b", "anna@nas:/a/b"),
        ("nas::module//b/./c", "nas::module/b/c"),
        ("rsync://nas:8730/module//b", "rsync://nas:8730/module/b"),
    ],
)
def test_steps_of_a_destination_that_lead_nowhere_are_left_out(typed: str, given: str) -> None:
    assert argv(dest=typed)[-1] == given
