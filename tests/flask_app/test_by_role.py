"""Each role is offered what it may do, no more and no less: every link, form and key on every page."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask, url_for

from core.container import build_container
from flask_app import create_app
from flask_app.config import read_environment
from flask_app.roles import OPEN, declared_by
from models.errors import HostKeyUnknown
from models.job import JobSettings
from models.role import Role
from models.run import RunState
from tests import build
from tests.e2e.evidence import furnish_evidence
from tests.e2e.furnished import furnish
from tests.flask_app.offers import Link, Offer, offers
from tests.flask_app.pages import Pages
from tests.flask_app.people import somebody
from tests.flask_app.test_left_out_pages import left_out

S = RunState
VIEWER, OPERATOR, ADMINISTRATOR = Role
ANY = "00000000-0000-4000-8000-000000000000"
LESSER = pytest.mark.parametrize("role", [VIEWER, OPERATOR])
ACTIVE = (S.QUEUED, S.WAITING, S.STARTING, S.TRANSFERRING, S.PAUSING)
# What only a question, a dialog's answer or a host, key or remote that this house does not have leads to.
ELSEWHERE = {
    "jobs.accept_host_key", "known_hosts.remove", "ssh_keys.delete", "upkeep.keep_template",
    "remotes.accept_host_key", "remotes.delete", "remotes.edit", "remotes.password", "remotes.test",
}  # fmt: skip


class Crawled(NamedTuple):
    """`seen`: role → offer → a page on which it stands, and as it stands there."""

    app: Flask
    seen: dict[Role, dict[Offer, tuple[str, Link]]]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """A house that has seen everything; the administrator goes first, so that what is kept of it would be found."""
    app, starts = furnished(tmp_path_factory.mktemp("house"))
    seen: dict[Role, dict[Offer, tuple[str, Link]]] = {}
    for role in (ADMINISTRATOR, OPERATOR, VIEWER):
        seen[role] = {}
        for place, link, offer in offers(app, somebody(app, role), starts):
            seen[role].setdefault(offer, (place, link))
    return Crawled(app, seen)


def furnished(folder: Path) -> tuple[Flask, tuple[str, ...]]:
    """Jobs and runs in every state, a template, interrupted runs and jobs that are gone; and where to begin."""
    config = read_environment({"BACKUP_MANAGER_DATA_DIR": str(build.data_folder(folder).root)})
    source = folder / "source"
    source.mkdir()
    house, proof = furnish(config.data_dir, source), furnish_evidence(config.data_dir, source)
    core = build_container(config.data_dir)
    pages = Pages(create_app(core, config), core, folder)
    runs = [pages.run(pages.job(name=f"Is {state}", dest=f"{folder}/{state}"), state) for state in ACTIVE]
    runs += [left_out(pages, pages.job(name="Left out", dest=f"{folder}/left"))]
    runs += [pages.run(pages.job(name="Restored", dest=f"{folder}/restored"), S.PAUSED, kind="restore")]
    pages.job(name="Off", settings=JobSettings(enabled=False))
    core.templates.keep_job(runs[0].job_id, "As a start")
    lose_two_jobs(pages)
    starts = ["/", "/jobs/", "/nowhere", "/templates/", "/docs", "/keys", f"/jobs/{proof.job}"]
    starts += [f"/jobs/{proof.job}/runs/{run_id}" for run_id in proof.runs.values()]
    starts += [f"/jobs/{house.jobs[state]}/runs/{run_id}" for state, run_id in house.runs.items()]
    starts += [place for run in runs for place in (f"/jobs/{run.job_id}", f"/jobs/{run.job_id}/runs/{run.id}")]
    return pages.app, tuple(starts)


def lose_two_jobs(pages: Pages) -> None:
    """Another program takes them out of the file, which a person has to confirm."""
    store, file = pages.core.jobs, pages.core.folder.jobs_file
    present = file.read_text()
    for name in ("Gone", "Gone too"):
        store.create(build.job(name=name))
    store.snapshot()
    pages.core.folder.changes_file.unlink()  # else they are so new that they are made again
    file.write_text(present)
    assert store.snapshot().missing == ("Gone", "Gone too")


def is_for(app: Flask, role: Role, offer: Offer) -> bool:
    """By the declaration; where one address does several things, by what the server answers."""
    declared = declared_by(app.view_functions[offer.endpoint])
    if declared != OPEN and not role.may(Role(declared)):
        return False
    if not offer.choice:
        return True
    name, _, value = offer.choice.partition("=")
    with app.test_request_context():
        is_for_many = not app.url_map.is_endpoint_expecting(offer.endpoint, "job_id")
        path = url_for(offer.endpoint) if is_for_many else url_for(offer.endpoint, job_id=ANY)
    answer = somebody(app, role).post(path, data={name: value, "job_id": ANY}, headers={"HX-Request": "true"})
    return "takes the role of" not in answer.text


@LESSER
def test_no_page_offers_what_would_be_refused(crawled: Crawled, role: Role) -> None:
    seen = crawled.seen[role]
    assert {offer: place for offer, place in seen.items() if not is_for(crawled.app, role, offer)} == {}


@LESSER
def test_whatever_an_administrator_is_offered_is_offered_to_all_who_may(crawled: Crawled, role: Role) -> None:
    everything, seen = crawled.seen[ADMINISTRATOR], crawled.seen[role]
    missing = {offer: everything[offer] for offer in everything if offer not in seen}
    assert {offer: place for offer, place in missing.items() if is_for(crawled.app, role, offer)} == {}


def test_an_administrator_is_offered_every_change_there_is(crawled: Crawled) -> None:
    offered = {offer.endpoint for offer in crawled.seen[ADMINISTRATOR]}
    offered |= {f"upkeep.{offer.choice[3:]}" for offer in crawled.seen[ADMINISTRATOR] if offer.choice.startswith("do=")}
    for rule in crawled.app.url_map.iter_rules():
        declared = declared_by(crawled.app.view_functions[rule.endpoint])
        is_change = "POST" in (rule.methods or ()) and declared in {OPERATOR, ADMINISTRATOR}
        if is_change and not rule.rule.startswith("/api/") and rule.endpoint not in ELSEWHERE:
            assert rule.endpoint in offered, rule


def revision(page: str) -> str:
    found = re.search(r'hx-get="/jobs/\?revision=([^"]+)"', page)
    assert found
    return found[1]


def test_a_part_drawn_for_another_role_is_not_called_unchanged(pages: Pages) -> None:
    pages.run(pages.job(), S.DONE)
    chief, guest = (somebody(pages.app, role) for role in (ADMINISTRATOR, VIEWER))
    chief.get("/jobs/")
    drawn, headers = revision(chief.get("/jobs/").text), {"HX-Request": "true"}
    assert chief.get(f"/jobs/?revision={drawn}", headers=headers).status_code == 204
    answer = guest.get(f"/jobs/?revision={drawn}", headers=headers)
    assert answer.status_code == 200
    assert "popover" not in answer.text.partition('class="job-cards"')[2]
    assert guest.get(f"/jobs/?revision={revision(answer.text)}", headers=headers).status_code == 204


def test_a_notice_that_somebody_can_end_is_not_called_unchanged_for_another(pages: Pages) -> None:
    pages.job()
    lose_two_jobs(pages)
    chief, guest = (somebody(pages.app, role) for role in (ADMINISTRATOR, VIEWER))
    found = re.search(r'hx-get="(/notices[^"]+)"', chief.get("/logs/").text)
    assert found
    assert chief.get(found[1]).status_code == 204
    assert "until an administrator confirms it" in guest.get(found[1]).text


@LESSER
def test_where_there_is_no_job_yet_it_is_said_who_sets_one_up(pages: Pages, role: Role) -> None:
    client = somebody(pages.app, role)
    for path in ("/", "/jobs/"):
        page = client.get(path).text
        assert "An administrator sets up the first job." in page
        assert "New job" not in page


def test_a_viewer_is_not_asked_about_interrupted_runs(pages: Pages) -> None:
    pages.run(pages.job(), S.INTERRUPTED)
    assert "1 run was interrupted" in somebody(pages.app, OPERATOR).get("/recovery").text
    assert "interrupted" not in somebody(pages.app, VIEWER).get("/recovery").text


def test_keys_that_lead_nowhere_are_not_named(pages: Pages) -> None:
    named = {role: somebody(pages.app, role).get("/keys").text for role in Role}
    assert ["New job" in named[role] for role in Role] == [False, False, True]
    assert ["Go to the settings" in named[role] for role in Role] == [False, False, True]
    assert ["Go to your account" in named[role] for role in Role] == [True, True, False]


def test_the_theme_can_be_chosen_on_a_phone_without_settings(pages: Pages) -> None:
    assert 'id="appearance"' in somebody(pages.app, VIEWER).get("/account/").text
    assert 'id="appearance"' not in somebody(pages.app, ADMINISTRATOR).get("/account/").text


def test_an_operator_who_meets_an_unknown_host_is_told_who_accepts_it(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(job_id: str, accept_identity: bool = False) -> None:
        raise HostKeyUnknown("The key of nas is not known yet.")

    class Key:
        host, port, fingerprints = "nas", 22, ("SHA256:abc (ED25519)",)

    monkeypatch.setattr(pages.core.manager, "start", start)
    monkeypatch.setattr(pages.core.manager, "host_key", lambda job_id: Key)
    path = f"/jobs/{pages.job().id}/start"
    answer = somebody(pages.app, OPERATOR).post(path)
    assert answer.status_code == 409
    assert "The key of nas is not known yet. An administrator has to compare its keys" in answer.text
    assert "SHA256:abc (ED25519)" in answer.text
    assert "/host-key" not in answer.text
    assert "These are its keys" in somebody(pages.app, ADMINISTRATOR).post(path).text
