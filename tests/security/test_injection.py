"""No field of a job becomes an option, a command or another place, whichever way it comes in."""

import contextlib
import os
import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast
from urllib.parse import quote

import pytest
import requests

from engines.registry import UnknownEngine
from engines.registry import engine as engine_named
from flask_app.listen import AsyncMode
from models.errors import AppError, CannotStart, InvalidInput
from models.job import Job, JobSettings, SshAccess
from storage.shared_file import replace_file
from tests.security import payloads
from tests.security.defences import DEFENCES
from tests.security.injection_expected import check_all, check_stored, compare, ssh_words
from tests.security.injection_world import (
    PLANTED,
    SHELLS,
    TOOLS,
    World,
    jobs_address,
    recorded,
    run_ids,
    watched_world,
)
from tests.security.payloads import CANARY, OLD_CANARY, PAYLOADS, Body, Case
from tests.security.site import Site
from tests.servers import ROOT, Browser
from tests.stand_ins import legacy_writer
from tests.whole import IS_WHOLE
from utils.ids import new_job_id

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, server_mode: AsyncMode) -> Iterator[World]:
    with watched_world(tmp_path_factory.mktemp("injection"), server_mode) as built:
        yield built


# The ways in

LEGACY, HAND = "legacy", "hand"


Send = Callable[[Case, Body], tuple[str, dict[str, str]]]


SHARE = 1 if IS_WHOLE else 3


def is_tried(number: int, engine: str, group: int) -> bool:
    """Every payload in every field; or a third of that, with each payload in some and each field with some."""
    return (number + group + payloads.ENGINES.index(engine)) % SHARE == 0


def attack(world: World, way: str, send: Send, shaped: tuple[str, ...]) -> None:
    """What is refused is named beside its field, and only the rest is tried again."""
    for number in range(len(PAYLOADS)):
        for engine in payloads.ENGINES:
            for group, names in enumerate(payloads.together(engine, shaped)):
                if not is_tried(number, engine, group):
                    continue
                tried = tuple(Case(way, engine, name, number, world.root) for name in names)
                rest = send_once(world, tried, send)
                assert not rest or send_once(world, rest, send) == (), f"{tried[0]}: refused and then taken"
                assert names is not shaped or not rest, (str(tried[0]), [case.field for case in rest])
        if len(world.to_check) > 50:
            empty(world)


def send_once(world: World, tried: tuple[Case, ...], send: Send) -> tuple[Case, ...]:
    """The cases that have to be tried again, because the refusal was not about them."""
    body = payloads.body_of(*tried)
    job_id, problems = send(tried[0], body)
    if job_id:
        is_form = tried[0].way == "form"
        world.take(tried, job_id, payloads.as_stored_from_form(body) if is_form else body)
        return ()
    beside = tried[0].product_fields if len(tried) == 1 else set[str]()
    wrong = tuple(case for case in tried if problems.keys() & {case.product_field, *beside})
    assert wrong, (str(tried[0]), problems)
    assert problems.keys() <= {case.product_field for case in tried} | beside, (str(tried[0]), problems)
    assert all(len(sentence) > 10 for sentence in problems.values()), (str(tried[0]), problems)
    world.refuse(wrong)
    return tuple(case for case in tried if case not in wrong)


def of_api(answer: requests.Response) -> tuple[str, dict[str, str]]:
    if answer.ok:
        return str(answer.json()["data"]["id"]), {}
    assert answer.status_code in (400, 422), answer.text
    found = answer.json()["error"]["fields"]
    return "", {name.removeprefix("settings.").replace("ssh.", "ssh_", 1): text for name, text in found.items()}


def of_form(answer: requests.Response) -> tuple[str, dict[str, str]]:
    if answer.status_code == 303:
        return answer.headers["Location"].rpartition("/")[2], {}
    assert answer.status_code == 422, answer.text
    return "", dict(re.findall(r'id="field-(\w+)-error">.*?<span>(.*?)</span>', answer.text, re.DOTALL))


def empty(world: World) -> None:
    """What was taken is checked and goes, because a long jobs.yaml is slow to change."""
    check_all(world)
    (world.root / "data/jobs.yaml").write_text("jobs: []\n")
    world.core.jobs.confirm_missing()


def finish(world: World, way: str, fields: int) -> None:
    """The way has seen every payload, and every field of both engines its share of them; nothing was started."""
    empty(world)
    seen = world.seen(way)
    print(f"{way}: {len(world.accepted[way])} accepted, {len(world.refused[way])} refused, {len(seen)} fields")
    assert len(PAYLOADS) >= 60
    assert len(seen) == 2 * fields
    share = len(PAYLOADS) if way in (LEGACY, HAND) else len(PAYLOADS) // SHARE
    assert share <= min(seen.values()) <= max(seen.values()) <= share + (SHARE > 1)
    assert {case.number for case in world.accepted[way] + world.refused[way]} == set(range(len(PAYLOADS)))
    assert run_ids(world) == set(world.runs), f"{way}: nothing else was asked to start"


def test_a_job_changed_through_the_api_holds_texts_and_never_options(world: World) -> None:
    made = {}
    for engine in payloads.ENGINES:
        answer = world.session.post(jobs_address(world), json=payloads.good_body(engine, 0, world.root))
        made[engine] = str(answer.json()["data"]["id"])
    cleared: Body = {"exclude": [], "include": [], "tags": [], "options": []}

    def send(case: Case, body: Body) -> tuple[str, dict[str, str]]:
        check_all(world)  # what was taken last: the next change overwrites it
        settings = cleared | {"ssh": {"key": None, "port": None}} | body["settings"]
        return of_api(world.session.patch(jobs_address(world, made[case.engine]), json=body | {"settings": settings}))

    attack(world, "PATCH", send, payloads.SHAPED_IN_BODIES)
    finish(world, "PATCH", 22)


def test_a_job_posted_to_the_api_holds_texts_and_never_options(world: World) -> None:
    attack(
        world,
        "POST",
        lambda _case, body: of_api(world.session.post(jobs_address(world), json=body)),
        payloads.SHAPED_IN_BODIES,
    )
    finish(world, "POST", 22)


def test_a_job_typed_into_the_form_holds_texts_and_never_options(world: World) -> None:
    with requests.Session() as session:
        browser = Browser(world.server, session)
        browser.open("/jobs/create")
        attack(
            world,
            "form",
            lambda _case, body: of_form(browser.post("/jobs/create", **payloads.as_form(body))),
            payloads.SHAPED,
        )
    finish(world, "form", 18)


def test_what_was_taken_is_run_by_the_real_tools_as_it_was_given(world: World) -> None:
    """Five payloads in each run, in every field that took them."""
    fields = ("name", "exclude", "include", "tags", "source folder", "dest folder")
    local = [case for case in world.accepted["POST"] if case.field in fields]
    through_ssh = [
        Case("ssh", "rsync", name, case.number, world.root)
        for case in local
        if (case.engine, case.field) == ("rsync", "dest folder")
        for name in ("key folder", "remote folder")
        if not engine_named("rsync").problems(job_with(world, case.payload))
    ]
    for first in range(0, len(PAYLOADS), 5):
        numbers = range(first, first + 5)
        groups = [[case for case in local if case.number in numbers and case.engine == name] for name in TOOLS]
        groups.append([case for case in through_ssh if case.number in numbers])
        bodies = [(taken[0], payloads.body_of_many(taken[0].engine, taken, world.root)) for taken in groups if taken]
        for case, body, run_id in [(case, body, start(world, case, body)) for case, body in bodies]:
            check_run(world, case, body, run_id)
    print(f"{len(world.runs)} runs")
    assert {case.number for case in local} >= set(range(len(PAYLOADS))) - refused_everywhere(world, fields)


def refused_everywhere(world: World, fields: tuple[str, ...]) -> set[int]:
    """In every field of both engines; with a share of them, in those that were tried."""
    taken, refused = (
        Counter(case.number for case in cases if case.field in fields)
        for cases in (world.accepted["POST"], world.refused["POST"])
    )
    if IS_WHOLE:
        return {number for number, times in refused.items() if times == len(payloads.ENGINES) * len(fields)}
    return refused.keys() - taken.keys()


def job_with(world: World, text: str) -> Job:
    """A job through ssh whose far folder and key are named by the text."""
    ssh = JobSettings(ssh=SshAccess(key=f"/keys/{text}"))
    return Job("x", "x", f"{world.root}/plain/", f"127.0.0.1:/srv/{text}/", "rsync", settings=ssh)


def start(world: World, case: Case, body: Body) -> str:
    job_id, problems = of_api(world.session.post(jobs_address(world), json=body))
    assert job_id, (str(case), problems)
    answer = world.session.post(f"{jobs_address(world, job_id)}/start")
    assert answer.status_code == 202, (str(case), answer.text)
    world.runs.append(str(answer.json()["data"]["run_id"]))
    return world.runs[-1]


def check_run(world: World, case: Case, body: Body, run_id: str) -> None:
    run = world.server.ended(run_id)
    (command,) = recorded(world.root / f"records/{run_id}.{case.engine}")
    compare(world, case, command, body)
    if case.way != "ssh":
        is_pattern = run["reason"] == "rclone did not understand one of the patterns."
        assert run["state"] == "done" or is_pattern, (str(case), run["reason"])
        return
    (command,) = recorded(world.root / f"records/{run_id}.ssh")
    wanted = ssh_words(world, body["settings"])[1:]
    assert command[1 : len(wanted) + 1] == wanted, str(case)
    assert command[len(wanted) + 1 : len(wanted) + 4] == ["127.0.0.1", "rsync", "--server"], (str(case), command)
    assert not any(CANARY in word for word in command[len(wanted) + 1 :]), (str(case), command)


def put(world: World, way: str, write: Callable[[list[Body]], None]) -> dict[Case, str]:
    """All combinations into jobs.yaml at once, and what each of them is then; the ids of the refused."""
    given = [(case, payloads.body_of(case)) for case in payloads.all_cases(way, world.root)]
    jobs = [payloads.document(new_job_id(), body) | ({"id": body["id"]} if "id" in body else {}) for _, body in given]
    write(jobs)
    snapshot = world.core.jobs.snapshot()
    reasons = {problem.job_id: problem.reason for problem in snapshot.problems}
    refused = {}
    for (case, body), job in zip(given, jobs, strict=True):
        if job["id"] in snapshot.jobs and is_in_force(world, case, snapshot.jobs[job["id"]], body):
            world.accepted.setdefault(way, []).append(case)
            continue
        if job["id"] not in snapshot.jobs:
            assert case.field in payloads.SHAPED_IN_FILES, str(case)
            is_erased = way == LEGACY and case.field == "type"
            named = case.field.removeprefix("ssh_")
            assert is_erased or named in reasons[job["id"]], (str(case), reasons.get(job["id"]))
        world.refuse((case,))
        refused[case] = str(job["id"])
    return refused


def is_in_force(world: World, case: Case, job: Job, body: Body) -> bool:
    """Whether it can be run; if not, it does not start and one sentence says why."""
    check_stored(case, job, body)
    try:
        (command,) = world.core.manager.command(job.id)
    except (InvalidInput, UnknownEngine) as refused:
        error: AppError = refused
    else:
        compare(world, case, shlex.split(command), body)
        return True
    is_beside = error.fields.keys() & {case.product_field, *case.product_fields}
    assert is_beside or case.field == "type", (str(case), error.fields)
    with pytest.raises(CannotStart) as refusal:
        world.core.manager.start(job.id)
    assert refusal.value.message.endswith("."), str(case)
    return False


def refused_by_the_server(world: World, refused: dict[Case, str]) -> None:
    """One start for each payload and engine is really asked for, and refused with a sentence."""
    for case, job_id in {(case.number, case.engine): (case, job_id) for case, job_id in refused.items()}.values():
        answer = world.session.post(f"{jobs_address(world)}/{quote(job_id, safe='')}/start")
        assert answer.status_code in (404, 409, 422), (str(case), answer.text)
        assert answer.json()["error"]["message"].endswith("."), (str(case), answer.text)


def test_a_job_written_by_the_legacy_ui_holds_texts_and_never_options(world: World) -> None:
    file = world.root / "data/jobs.yaml"
    refused = put(world, LEGACY, lambda jobs: legacy_write(file, jobs))
    refused_by_the_server(world, refused)
    finish(world, LEGACY, len(payloads.one_by_one("rsync")))


def legacy_write(file: Path, jobs: list[Body]) -> None:
    """It adds them and, the next time, reads and writes all again; what it does not know it erases then."""
    legacy_writer.rewrite(file, lambda present: [*present, *jobs])
    legacy_writer.rewrite(file, lambda present: present)


def test_a_job_written_by_hand_holds_texts_and_never_options(world: World) -> None:
    file = world.root / "data/jobs.yaml"
    refused = put(world, HAND, lambda jobs: write_by_hand(file, jobs))
    refused_by_the_server(world, refused)
    finish(world, HAND, len(payloads.one_by_one("rsync")))


def write_by_hand(file: Path, jobs: list[Body]) -> None:
    replace_file(file, ("jobs:\n" + "".join(map(payloads.by_hand, jobs))).encode())


def test_the_tools_see_nothing_of_the_environment_but_what_they_need(world: World) -> None:
    seen = {tuple(line.split(" ")) for line in (world.root / "records/environment").read_text().splitlines()}
    assert {name for name, _ in seen} >= {*TOOLS, "ssh"}, "none of them was called"
    assert {variable for _, variable in seen} & PLANTED.keys() == set()
    strange = {
        variable for _, variable in seen if re.match("RSYNC_|RCLONE_|LD_|PYTHON|BACKUP_MANAGER_(?!RUN$)", variable)
    }
    assert strange == set()


MISSING = {
    "paths stand behind --": ("rsync", "/srv/copy"),
    "locations by strict rules": ("rsync", "x -e sh:/srv"),
    "remotes that are configured only": ("rclone", "nas,ssh=x:copy"),
    "words for ssh are quoted": ("rsync", "127.0.0.1:/srv/copy"),
}


@pytest.mark.parametrize("defence", MISSING)
def test_the_comparison_notices_a_defence_that_is_missing(world: World, defence: str) -> None:
    """Otherwise all the above would prove nothing."""
    engine, dest = MISSING[defence]
    body: Body = {**payloads.good_body(engine, 0, world.root), "dest": dest}
    body["settings"] = {"ssh": {"key": "/keys/one -oProxyCommand=x"}} if dest.startswith("127") else {}
    job_id = new_job_id()
    write_by_hand(world.root / "data/jobs.yaml", [payloads.document(job_id, body)])
    with contextlib.suppress(InvalidInput):
        compare(world, defence, shlex.split(world.core.manager.command(job_id)[0]), body)
    with pytest.MonkeyPatch.context() as patch:
        DEFENCES[defence](patch, cast("Site", None))
        (command,) = world.core.manager.command(job_id)
        with pytest.raises((AssertionError, ValueError)):
            compare(world, defence, shlex.split(command), body)
    empty(world)


def test_nothing_that_was_typed_was_carried_out(world: World) -> None:
    folders = [folder for folder, _, _ in os.walk(world.root)]
    places = [*folders, "/", "/tmp", str(ROOT), os.getcwd(), str(Path.home()), os.environ["HOME"]]
    made = [f"{place}/{name}" for place in places for name in os.listdir(place) if name.startswith(CANARY)]
    assert made == []
    assert OLD_CANARY.exists() is world.had_old_canary
    assert world.shells == []
    assert [path.name for path in (world.root / "records").iterdir() if path.suffix.removeprefix(".") in SHELLS] == []
    assert run_ids(world) == set(world.runs)
    assert (world.root / "plain/photo.jpg").read_text() == "content"
