"""Everything wrong that can be typed into a job: a message beside its field, nothing started, nothing typed lost."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nobody import can_become_nobody, served_by_nobody
from tests.e2e.service import Service

LONG = "x" * 10_000
CONTROLS = ("\x00", "\x01", "\t", "\n", "\r", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u202e")
OPTIONS = ("-e sh", "--rsh=x", "--rsh=sh -c 'touch canary'", "-aRe", "--", "-")
REMOTES = ("host::", "host:", "::", ":", ":/x", "@host:/x", "-oProxyCommand=x:/y", "a b:/x", "rsync://", "rsync://h")
KEYS = ("relative", "-oProxyCommand=x", "--rsh=x", "/a\nb", "/a\x00b", "/" + LONG, "~/.ssh/id", "/%d/key", "/$X")
SHAPES: tuple[Any, ...] = (
    [],
    "x",
    5,
    None,
    {"name": 5},
    {"name": None},
    {"unknown": 1},
    {"settings": []},
    {"source": ["/x"]},
)
LEGAL_NAMES = (" first", "last ", "host:dir", "-dash", "--rsh=x", "quote'\"", "<b>", "émoji 🍰", "a::b", "$(x)")
NUMBERS = ("-1", "99999999999999999999", "1e3", "0x10", "one", "1.5.5", "NaN", "inf", "١", "1 2", "--1")


@dataclass(frozen=True)
class Wrong:
    """One field with one wrong text; everything else of the job is right."""

    field: str
    text: str

    def __str__(self) -> str:
        return f"{self.field}={self.text[:24]!r}"


def wrong_paths(field: str) -> Iterator[Wrong]:
    texts = ("", " ", "relative/dir", "./x", "../x", "~", "~/x", "/" + LONG, LONG, "host:" + LONG, "host::m/" + LONG)
    for text in (*texts, *OPTIONS, *REMOTES):
        yield Wrong(field, text)
    for control in CONTROLS:
        yield Wrong(field, f"/tmp/a{control}b")
        yield Wrong(field, f"host:/a{control}b")


def wrong_numbers() -> Iterator[Wrong]:
    for field in ("bandwidth_limit", "max_retries", "stall_minutes", "ssh_port"):
        for text in (*NUMBERS, LONG, "5\x00", "-e sh", "5;ls"):
            yield Wrong(field, text)
    yield from (Wrong("ssh_port", "0"), Wrong("ssh_port", "65536"), Wrong("max_retries", "21"))
    yield from (Wrong("stall_minutes", "0"), Wrong("stall_minutes", "1e9"), Wrong("bandwidth_limit", "1.5"))


def wrong_texts() -> Iterator[Wrong]:
    for text in ("", "   ", LONG, *(f"a{control}b" for control in CONTROLS)):
        yield Wrong("name", text)
    for text in ("", "rsnc", "rclone ", "RSYNC", LONG, "rsync\x00", "-e sh"):
        yield Wrong("type", text)
    for text in KEYS:
        yield Wrong("ssh_key", text)
    for field in ("exclude", "include"):
        yield from (Wrong(field, LONG), Wrong(field, "a\x00b"), Wrong(field, "a\x1bb"), Wrong(field, "*.tmp\n\u202e"))
        yield Wrong(field, "   ")
    yield from (Wrong("tags", LONG), Wrong("tags", "a\x00"), Wrong("tags", ",".join(f"t{n}" for n in range(60))))
    yield from (Wrong("options", "rsh"), Wrong("options", "-e sh"), Wrong("options", LONG))
    yield from (Wrong("password", LONG), Wrong("password", "two\nlines"), Wrong("password", "a\x00b"))


@pytest.fixture
def sound(tmp_path: Path) -> dict[str, str]:
    """A form with nothing wrong in it."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "file").write_text("content")
    return {"name": "Sound", "type": "rsync", "source": f"{source}/", "dest": str(tmp_path / "copy")}


@pytest.mark.parametrize("wrong", [*wrong_paths("source"), *wrong_paths("dest")], ids=str)
def test_a_path_is_refused_beside_its_field(service: Service, sound: dict[str, str], wrong: Wrong) -> None:
    refused_by_form(service, sound, wrong)
    refused_by_api(service, {**sound, wrong.field: wrong.text}, wrong.field)


@pytest.mark.parametrize("wrong", [*wrong_numbers()], ids=str)
def test_a_number_is_refused_beside_its_field(service: Service, sound: dict[str, str], wrong: Wrong) -> None:
    refused_by_form(service, sound, wrong)


@pytest.mark.parametrize("wrong", [*wrong_texts()], ids=str)
def test_a_text_is_refused_beside_its_field(service: Service, sound: dict[str, str], wrong: Wrong) -> None:
    refused_by_form(service, sound, wrong)


def refused_by_form(service: Service, sound: dict[str, str], wrong: Wrong) -> None:
    before = jobs_and_runs(service)
    typed = {**sound, wrong.field: wrong.text}
    answer = service.visitor.post("/jobs/create", typed)
    assert answer.status == 422, answer.words
    assert answer.beside(wrong.field), "no message beside the field"
    assert len(answer.beside(wrong.field)) < 300
    kept = {name: value for name, value in typed.items() if name not in {"type", "options", "password"}}
    assert {name: as_read(answer.values[name]) for name in kept} == {name: as_read(kept[name]) for name in kept}
    assert jobs_and_runs(service) == before


def as_read(text: str) -> str:
    """As a reader of HTML takes line ends; that is no loss."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def refused_by_api(service: Service, body: dict[str, Any], field: str) -> None:
    before = jobs_and_runs(service)
    status, answer = service.ask("POST", "/jobs", body)
    assert status == 422, answer
    assert field in answer["error"]["fields"], answer
    assert all(0 < len(sentence) < 300 for sentence in answer["error"]["fields"].values())
    assert jobs_and_runs(service) == before


def jobs_and_runs(service: Service) -> tuple[bytes, list[str], list[str]]:
    file = service.data / "jobs.yaml"
    return (
        file.read_bytes() if file.exists() else b"",
        sorted(os.listdir(service.data / "runs")),
        os.listdir(service.data / "active"),
    )


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("field", ["source", "dest"])
def test_an_option_never_reaches_a_command(service: Service, sound: dict[str, str], field: str, option: str) -> None:
    sound[field] = option
    refused_by_api(service, sound, field)


NO_NUMBERS: tuple[Any, ...] = (-1, -(10**30), 10**30, "5", "-e sh", [], {}, True)
NO_PORTS: tuple[Any, ...] = (0, 65536, -1, 10**30, "22", 1.5)
NO_KEYS: tuple[Any, ...] = ("relative", "--rsh=x", "/a\nb", "/" + LONG, 5, ["x"])
NO_LISTS: tuple[Any, ...] = ("text", [LONG], ["a\nb"], ["a\x00b"], [5], {"a": 1}, ["x"] * 5000)


def wrong_settings() -> Iterator[tuple[str, Any]]:
    for name in ("bandwidth_limit", "max_retries", "stall_minutes"):
        yield from ((name, value) for value in NO_NUMBERS)
    for name in ("exclude", "include", "tags", "options"):
        yield from ((name, value) for value in NO_LISTS)
    yield from (("ssh.port", value) for value in NO_PORTS)
    yield from (("ssh.key", value) for value in NO_KEYS)
    yield from (("options", ["rsh"]), ("options", {"rsh": True}), ("mode", "mirror"), ("mode", "x"), ("enabled", "yes"))
    yield from (("schedule", {"cron": "* * * * *"}), ("rsh", "sh"), ("list_files", 2))


@pytest.mark.parametrize(("name", "value"), [*wrong_settings()], ids=lambda part: repr(part)[:24])
def test_a_setting_is_refused_by_its_name(service: Service, sound: dict[str, str], name: str, value: Any) -> None:
    outer, _, inner = name.partition(".")
    settings = {outer: {inner: value} if inner else value}
    before = jobs_and_runs(service)
    status, answer = service.ask("POST", "/jobs", {**sound, "settings": settings})
    assert status == 422, answer
    named = "".join(answer["error"]["fields"])
    assert outer in named, answer
    assert jobs_and_runs(service) == before


@pytest.mark.parametrize("body", SHAPES)
def test_a_body_of_another_shape_is_refused(service: Service, body: Any) -> None:
    status, answer = service.ask("POST", "/jobs", body)
    assert status == 422, answer
    assert answer["error"]["fields"]


def test_a_source_that_does_not_exist_is_refused(service: Service, sound: dict[str, str], tmp_path: Path) -> None:
    wrong = Wrong("source", str(tmp_path / "nowhere"))
    refused_by_form(service, sound, wrong)
    refused_by_api(service, {**sound, "source": wrong.text}, "source")


def test_a_destination_that_is_a_file_or_below_one_is_refused(service: Service, sound: dict[str, str]) -> None:
    for dest in (f"{sound['source']}file", f"{sound['source']}file/below"):
        refused_by_form(service, {**sound, "source": "/etc/"}, Wrong("dest", dest))


def test_a_device_is_no_source(service: Service, sound: dict[str, str]) -> None:
    refused_by_form(service, sound, Wrong("source", "/dev/null"))


def test_the_root_folder_is_no_destination(service: Service, sound: dict[str, str]) -> None:
    for dest in ("/", "//", "/./", "/../"):
        refused_by_form(service, sound, Wrong("dest", dest))


def test_equal_and_nested_folders_are_refused(service: Service, sound: dict[str, str], tmp_path: Path) -> None:
    source = sound["source"].rstrip("/")
    for dest in (source, f"{source}/", f"{source}/./", f"{source}/below", f"{source}/a/../b", f"{source}//file/.."):
        refused_by_form(service, sound, Wrong("dest", dest))
        refused_by_api(service, {**sound, "dest": dest}, "dest")
    refused_by_form(service, sound, Wrong("dest", str(tmp_path)))
    refused_by_form(service, {**sound, "source": source}, Wrong("dest", str(tmp_path)))


def test_equal_and_nested_folders_are_refused_through_links_too(
    service: Service, sound: dict[str, str], tmp_path: Path
) -> None:
    source = Path(sound["source"])
    (tmp_path / "to source").symlink_to(source)
    (tmp_path / "to parent").symlink_to(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "deep").symlink_to(source)
    for dest in ("to source", "to source/", "to source/new/folder", "to parent/source/below", "elsewhere/deep/x"):
        refused_by_form(service, sound, Wrong("dest", str(tmp_path / dest)))
        refused_by_api(service, {**sound, "dest": str(tmp_path / dest)}, "dest")
    refused_by_form(service, {**sound, "source": f"{tmp_path}/to source/"}, Wrong("dest", str(source / "below")))
    refused_by_form(service, sound, Wrong("dest", str(tmp_path / "to parent")))


def test_names_alike_are_not_nested(service: Service, sound: dict[str, str], tmp_path: Path) -> None:
    dest = sound["source"].rstrip("/") + " copy"
    assert service.visitor.post("/jobs/create", {**sound, "dest": dest}).status == 303


def test_legal_names_of_all_kinds_are_accepted(service: Service, sound: dict[str, str], tmp_path: Path) -> None:
    for name in LEGAL_NAMES:
        (tmp_path / name).mkdir()
        answer = service.visitor.post("/jobs/create", {**sound, "source": f"{tmp_path / name}/"})
        assert answer.status == 303, (name, answer.words)
        shown = service.visitor.get(f"{answer.location}/edit")
        assert shown.values["source"] == f"{tmp_path / name}/"


def test_every_wrong_field_is_named_at_once(service: Service, sound: dict[str, str]) -> None:
    typed = {**sound, "name": "", "source": "relative", "dest": "host::", "max_retries": "-1", "ssh_port": "x"}
    answer = service.visitor.post("/jobs/create", typed)
    assert answer.status == 422
    for field in ("name", "source", "dest", "max_retries", "ssh_port"):
        assert answer.beside(field), field


@pytest.mark.skipif(not can_become_nobody(), reason="only root, and not in a plain chroot, may become nobody")
def test_a_source_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    with served_by_nobody() as (service, place):
        closed = place / "closed"
        closed.mkdir(mode=0o700)
        sound = {"name": "x", "type": "rsync", "dest": str(place / "copy"), "source": str(place / "data")}
        refused_by_form(service, sound, Wrong("source", str(closed)))
        refused_by_api(service, {**sound, "source": str(closed)}, "source")


def test_a_wrong_edit_changes_nothing(service: Service, sound: dict[str, str]) -> None:
    page = service.visitor.post("/jobs/create", sound).location
    before = jobs_and_runs(service)
    for wrong in (Wrong("source", "-e sh"), Wrong("dest", "host::"), Wrong("name", ""), Wrong("ssh_port", "-5")):
        answer = service.visitor.post(f"{page}/edit", {**sound, wrong.field: wrong.text})
        assert (answer.status, answer.values[wrong.field]) == (422, wrong.text)
        assert answer.beside(wrong.field)
    assert jobs_and_runs(service) == before
