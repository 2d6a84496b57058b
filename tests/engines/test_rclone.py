"""The engine as its users see it, and no field of a job that becomes an option."""

import pytest

from engines.base import Context, Tool
from engines.registry import engine
from models.job import Job, JobSettings
from tests import build
from tests.engines.test_options_in_fields import PAYLOADS as RSYNC_PAYLOADS

RCLONE = engine("rclone")
CONTEXT = Context(Tool("/usr/bin/rclone", (1, 75, 2)), config_file="/data/rclone.conf", password_file="/data/password")
SAFE = "placeholder"
PAYLOADS = (
    *RSYNC_PAYLOADS,
    ":webdav,url=http://127.0.0.1,bearer_token_command=id:",
    ':webdav,url="http://x",bearer_token_command="touch /tmp/pwned":x',
    ":sftp,ssh='touch /tmp/pwned':x",
    ":local,copy_links:/etc",
    ":local:/etc,x",
    ":memory:",
    ":http,url=http://evil.example:",
    "nas,bearer_token_command=id:x",
    "nas,ssh='touch /tmp/pwned':x",
    "nas{x}:y",
    "-nas:x",
    "--password-command=touch /tmp/pwned",
    "--config=/etc/shadow",
    "--log-file=/etc/cron.d/x",
    "--backup-dir=/",
    "--rc",
    "--rc-addr=:5572",
    "--files-from=/etc/shadow",
    "--filter-from=/etc/shadow",
    "- /etc/**",
    "{{.*}}",
    "*}:x",
)


def job(**changes: object) -> Job:
    values: dict[str, object] = {"type": "rclone", "source": "/srv/photos", "dest": "nas:photos"}
    return build.job(**(values | changes))


@pytest.mark.parametrize("text", PAYLOADS, ids=lambda text: ascii(text[:30]))
@pytest.mark.parametrize("form", ["{}", "/srv/{}", "nas:{}", "nas:/srv/{}", "{}:x", "nas,{}:x", ":local:/{}", ":{}:x"])
@pytest.mark.parametrize("field", ["source", "dest"])
def test_a_location_is_refused_or_stands_behind_the_dashes(field: str, form: str, text: str) -> None:
    made = job(**{"source": "one:x", "dest": "two:x", field: form.format(text)})
    if problems := RCLONE.problems(made):
        assert set(problems) <= {"source", "dest"}
        assert all(len(sentence) > 20 and sentence.endswith(".") for sentence in problems.values())
        return
    (step,) = RCLONE.steps(made, CONTEXT)
    (example,) = RCLONE.steps(job(source="one:x", dest="two:x"), CONTEXT)
    at = step.argv.index("--")
    assert step.argv[:at] == example.argv[: example.argv.index("--")]
    expected = [getattr(made, side).removeprefix(":local:") for side in ("source", "dest")]
    assert list(step.argv[at + 1 :]) == expected
    assert not any(word.startswith(("-", ":")) or "," in word.partition(":")[0].partition("/")[0] for word in expected)


@pytest.mark.parametrize("text", PAYLOADS, ids=lambda text: ascii(text[:30]))
@pytest.mark.parametrize(("field", "sign"), [("include", "+"), ("exclude", "-")])
def test_a_pattern_is_refused_or_glued_to_its_option(field: str, sign: str, text: str) -> None:
    made = job(settings=JobSettings(**{field: (text,)}))  # type: ignore[arg-type]
    if problems := RCLONE.problems(made):
        assert set(problems) == {field}
        assert problems[field].endswith(".")
        return
    example = job(settings=JobSettings(**{field: (SAFE,)}))  # type: ignore[arg-type]
    expected = [word.replace(f"{sign} {SAFE}", f"{sign} {text}") for word in RCLONE.steps(example, CONTEXT)[0].argv]
    assert list(RCLONE.steps(made, CONTEXT)[0].argv) == expected


@pytest.mark.parametrize("option", PAYLOADS, ids=lambda text: ascii(text[:30]))
def test_an_option_is_refused(option: str) -> None:
    made = job(settings=JobSettings(options=(option,)))
    assert set(RCLONE.problems(made)) == {"options"}
    assert RCLONE.steps(made, CONTEXT)[0].argv == RCLONE.steps(job(), CONTEXT)[0].argv


def test_sides_are_of_this_machine_or_of_a_remote() -> None:
    source, dest = RCLONE.locations(job())
    assert (source.is_local, dest.kind, dest.host, dest.path) == (True, "remote", "nas", "photos")


def test_a_job_with_a_remote_may_need_the_password_of_the_configuration() -> None:
    assert RCLONE.secret(job()) == "rclone_config_password"
    assert RCLONE.secret(job(dest="/srv/x")) == ""


def test_the_way_back_is_the_way_there_turned_around() -> None:
    assert RCLONE.restored(job()) == ("nas:photos", "/srv/photos")
    assert RCLONE.restored(job(dest=":local:/srv/x/")) == ("/srv/x/", "/srv/photos")


@pytest.mark.parametrize(
    ("path", "meant"), [("/d/photo.jpg.91a5a226.partial", "photo.jpg"), ("/d/a\nb.0123abcd.partial", "a\nb")]
)
def test_a_temporary_file_is_known_and_the_file_it_is_for(path: str, meant: str) -> None:
    assert RCLONE.temporary_file(path)
    (partial,) = RCLONE.partial_files(path)
    assert partial.rpartition("/")[2] == meant
    assert not partial.endswith(f"/d/{meant}"), "a finished file must never be taken for a part"


@pytest.mark.parametrize("path", ["/d/photo.jpg", "/d/x.partial", "/d/x.91A5A226.partial", "/d/.91a5a226.partial"])
def test_other_files_are_not_taken_for_temporary_ones(path: str) -> None:
    assert not RCLONE.temporary_file(path)
    assert RCLONE.partial_files(path) == ()


@pytest.mark.parametrize(
    ("name", "can"),
    [
        (b"a/b", True),
        (b"-rf", True),
        (b"a/", False),
        ("a\ufffdb".encode(), False),
        (b"/a", False),
        (b"../a", False),
        (b"", False),
    ],
)
def test_only_files_with_exact_names_can_be_asked_for_alone(name: bytes, can: bool) -> None:
    assert RCLONE.can_select(name) is can
    assert engine("rsync").can_select(name) is (can or name in (b"a/", "a\ufffdb".encode()))


def test_a_retry_reads_exact_names_and_no_pattern_of_the_job() -> None:
    job = build.job(type="rclone", source="/s", dest="/d", settings=JobSettings(exclude=("a",)))
    context = Context(Tool("/usr/bin/rclone", (1, 60, 1)), kind="retry", selection="/run/names")
    (step,) = RCLONE.steps(job, context)
    assert "--files-from-raw=/run/names" in step.argv
    assert not any(word.startswith("--filter") for word in step.argv)


def test_a_selection_is_exact_if_asked_to_and_may_hold_folders_else() -> None:
    assert list(RCLONE.selection([b"a"], exact=True)) == [b"a\n"]
    assert list(RCLONE.selection([b"a"])) == [b"+ /a\n", b"+ /a/**\n", b"- **\n"]


def test_version_and_tool_state_are_rclones() -> None:
    assert RCLONE.parse_version("rclone v1.60.1-DEV\n") == (1, 60, 1)
    assert RCLONE.tool_state(None).name == "rclone"


def test_lists_are_read() -> None:
    assert [entry.name for entry in RCLONE.listing(b"2026-11-21 11:39:31|13|plain\n")] == [b"plain"]
