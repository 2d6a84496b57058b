"""What is said about a job before it runs."""

import pytest

from engines.base import Tool
from engines.registry import engine
from engines.rsync_problems import find_problems, find_warnings, resulting_folder, take_apart
from models.errors import InvalidInput
from models.job import JobSettings, SshAccess
from tests import build


def problems(**changes: object) -> dict[str, str]:
    return find_problems(build.job(**changes), None)


def of_settings(**changes: object) -> dict[str, str]:
    return problems(settings=JobSettings()._replace(**changes))  # type: ignore[arg-type]


def test_a_good_job_has_no_problems() -> None:
    assert problems() == {}


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "two\nlines", "right\u202eleft"])
def test_a_bad_name_is_named(name: str) -> None:
    assert set(problems(name=name)) == {"name"}


@pytest.mark.parametrize("name", ["x", "x" * 200, "Photos 📷 <b>", " spaced "])
def test_a_good_name_passes(name: str) -> None:
    assert problems(name=name) == {}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"bandwidth_limit": -1}, "bandwidth_limit"),
        ({"bandwidth_limit": 10 * 1024 * 1024 + 1}, "bandwidth_limit"),
        ({"bandwidth_limit": 10**30}, "bandwidth_limit"),
        ({"max_retries": -1}, "max_retries"),
        ({"max_retries": 21}, "max_retries"),
        ({"stall_minutes": 0}, "stall_minutes"),
        ({"stall_minutes": -2.0}, "stall_minutes"),
        ({"stall_minutes": 1441}, "stall_minutes"),
        ({"stall_minutes": float("nan")}, "stall_minutes"),
        ({"stall_minutes": float("inf")}, "stall_minutes"),
        ({"ssh": SshAccess(port=0)}, "ssh_port"),
        ({"ssh": SshAccess(port=65536)}, "ssh_port"),
        ({"ssh": SshAccess(key="")}, "ssh_key"),
        ({"ssh": SshAccess(key="id_ed25519")}, "ssh_key"),
        ({"ssh": SshAccess(key="~/.ssh/id")}, "ssh_key"),
        ({"ssh": SshAccess(key="-oProxyCommand=id")}, "ssh_key"),
        ({"ssh": SshAccess(key="/a\nb")}, "ssh_key"),
        ({"ssh": SshAccess(key="/a%h")}, "ssh_key"),
        ({"ssh": SshAccess(key="/a${HOME}")}, "ssh_key"),
        ({"ssh": SshAccess(key="/" + "a" * 5000)}, "ssh_key"),
        ({"exclude": ("",)}, "exclude"),
        ({"exclude": ("a\nb",)}, "exclude"),
        ({"exclude": ("x" * 1001,)}, "exclude"),
        ({"exclude": ("x",) * 1001}, "exclude"),
        ({"include": ("a\x00b",)}, "include"),
        ({"tags": ("",)}, "tags"),
        ({"tags": ("x" * 51,)}, "tags"),
        ({"tags": ("x",) * 51}, "tags"),
        ({"options": ("delete",)}, "options"),
        ({"mode": "mirror"}, "mode"),
        ({"unbuilt": ("schedule",)}, "schedule"),
    ],
)
def test_a_bad_setting_is_named_beside_its_field(changes: dict[str, object], field: str) -> None:
    found = of_settings(**changes)
    assert set(found) == {field}
    assert len(found[field]) > 20
    assert found[field].endswith(".")


@pytest.mark.parametrize(
    "changes",
    [
        {"bandwidth_limit": 0},
        {"bandwidth_limit": 10 * 1024 * 1024},
        {"max_retries": 0},
        {"max_retries": 20},
        {"stall_minutes": 0.05},
        {"stall_minutes": 1440},
        {"exclude": ("x" * 1000,) * 1000},
        {"tags": ("media", "été")},
        {"options": ("acls", "sparse")},
    ],
)
def test_a_setting_at_its_limit_passes(changes: dict[str, object]) -> None:
    assert of_settings(**changes) == {}


@pytest.mark.parametrize(
    ("source", "dest", "words"),
    [
        ("/srv/a", "/srv/a", "onto themselves"),
        ("/srv/a/", "//srv/./a", "onto themselves"),
        ("/srv/a", "/srv", "onto themselves"),
        ("/srv/a", "/srv/a/copy", "lies inside the source, so the backup would copy itself"),
        ("/", "/mnt/backup", "lies inside the source"),
        ("/srv/a/", "/srv", "The source lies inside this folder"),
        ("/srv/a/b", "/srv", "The source lies inside this folder"),
        ("/srv/a", "/", "cannot be / itself"),
        ("nas:/srv", "/..", "cannot be / itself"),
        ("nas:/srv", "other:/srv", "One side has to be on this machine"),
        ("nas::data", "other:/srv", "One side has to be on this machine"),
        ("/srv/a", "nas:/srv/[x]", "stand for other names"),
        ("/srv/a", "nas::data/*", "stand for other names"),
    ],
)
def test_places_that_do_not_go_together_are_refused_at_the_destination(source: str, dest: str, words: str) -> None:
    found = problems(source=source, dest=dest)
    assert set(found) == {"dest"}
    assert words in found["dest"]


@pytest.mark.parametrize(
    ("source", "dest"),
    [("/srv/a", "/srv/ab"), ("/srv/ab", "/srv/a"), ("/srv/a", "/srv/b"), ("/srv", "nas:/srv"), ("nas::data", "/srv")],
)
def test_places_side_by_side_pass(source: str, dest: str) -> None:
    assert problems(source=source, dest=dest) == {}


def test_every_wrong_field_is_named_at_once() -> None:
    found = problems(name="", source="", dest="-e sh", settings=JobSettings(max_retries=-1))
    assert set(found) == {"name", "source", "dest", "max_retries"}


def test_a_key_for_a_daemon_is_refused() -> None:
    assert set(problems(dest="nas::data", settings=JobSettings(ssh=SshAccess(key="/keys/backup")))) == {"ssh_key"}


def test_a_type_that_is_not_rsync_or_a_tool_too_old_is_named_at_the_type() -> None:
    assert set(problems(type="rclone")) == {"type"}
    old = find_problems(build.job(), Tool("/usr/bin/rsync", (3, 0, 9)))
    assert "rsync 3.0.9 is too old" in old["type"]
    assert find_problems(build.job(), Tool("/usr/bin/rsync", (3, 1, 0))) == {}


def test_taking_apart_names_each_wrong_side() -> None:
    with pytest.raises(InvalidInput) as refusal:
        take_apart(build.job(source="x", dest="host::"))
    assert set(refusal.value.fields) == {"source", "dest"}


@pytest.mark.parametrize(
    ("source", "dest", "folder"),
    [
        ("/a/Photos", "/b", "/b/Photos"),
        ("/a/Photos", "/b/", "/b/Photos"),
        ("/a/Photos/", "/b", "/b"),
        ("/a/Photos/", "/b/", "/b"),
        ("/a/Photos/.", "/b", "/b"),
        ("/a/Photos/..", "/b", "/b"),
        ("/", "/b", "/b"),
        ("/a/Photos", "nas:/b", "nas:/b/Photos"),
        ("/a/Photos", "nas::data", "nas::data/Photos"),
        ("nas:/a/Photos", "/b", "/b/Photos"),
        ("nas:/a/Photos/", "/b", "/b"),
        ("nas::data", "/b", "/b"),
        ("nas::data/Photos", "/b", "/b/Photos"),
        ("photos", "/b", ""),
        ("/a", "host::", ""),
    ],
)
def test_the_resulting_folder_follows_the_closing_slash_rule(source: str, dest: str, folder: str) -> None:
    assert resulting_folder(build.job(source=source, dest=dest)) == folder


def test_without_root_the_loss_of_owners_is_said() -> None:
    assert "owners are lost" in " ".join(find_warnings(build.job(), as_root=False))
    assert find_warnings(build.job(), as_root=True) == ()


@pytest.mark.parametrize(
    ("dest", "words"),
    [
        ("anna@nas:/b", "will belong to anna at nas"),
        ("nas:/b", "will belong to the remote user at nas"),
        ("nas::data", "only if the daemon's module"),
    ],
)
def test_what_the_other_side_does_to_owners_is_said(dest: str, words: str) -> None:
    assert words in " ".join(find_warnings(build.job(dest=dest), as_root=True))
    assert find_warnings(build.job(dest="root@nas:/b"), as_root=True) == ()


def test_wishes_that_may_not_come_true_are_said() -> None:
    wishes = JobSettings(include=("*.jpg",), options=("acls", "xattrs"))
    assert len(find_warnings(build.job(settings=wishes), as_root=True)) == 3


def test_warnings_of_a_job_that_cannot_be_read_are_left_to_its_problems() -> None:
    assert find_warnings(build.job(source="x"), as_root=False) == ()


def test_the_engine_answers_the_same() -> None:
    rsync, job = engine("rsync"), build.job(source="/a/Photos", dest="/b")
    assert rsync.problems(job) == {}
    assert rsync.resulting_folder(job) == "/b/Photos"
    assert rsync.warnings(job, as_root=True) == ()
    assert [side.path for side in rsync.locations(job)] == ["/a/Photos", "/b"]
