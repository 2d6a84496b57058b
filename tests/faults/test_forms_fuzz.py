"""A share of the requests of `script/prove forms`, and that its judge sees a view that loses something."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Response, abort

from flask_app.roles import ADMINISTRATOR, OPERATOR, needs
from tests.faults.form_fields import FORMS
from tests.faults.forms_fuzz import described, fuzz, rules_of
from tests.faults.forms_world import FormsWorld, forms_world

pytestmark = pytest.mark.timeout(300)  # many small requests: a busy machine takes minutes for them


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FormsWorld]:
    with forms_world(tmp_path_factory.mktemp("forms"), 1) as built:
        yield built


def test_every_view_that_takes_a_form_is_tried(world: FormsWorld) -> None:
    assert {endpoint for endpoint, _, is_form in rules_of(world) if is_form} == FORMS.keys(), "add its fields to FORMS"


def test_no_entry_breaks_a_page_or_costs_a_job_or_what_was_typed(tmp_path: Path) -> None:
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    with forms_world(tmp_path, seed) as world:
        tally = fuzz(world, 40, seed)
    assert not tally.faults, described(tally)
    assert tally.sent.keys() >= FORMS.keys()
    assert not (tmp_path / "stopped").exists()


def test_while_a_file_is_broken_no_entry_is_written_over_it_or_lost(tmp_path: Path) -> None:
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    changing = {name for name, form in FORMS.items() if form.adds or form.touches} | {"settings.save"}
    with forms_world(tmp_path, seed, is_broken=True) as world:
        tally = fuzz(world, 2 * len(changing), seed, only=changing)
    assert not tally.faults, described(tally)
    assert tally.sent.keys() == changing


def test_the_judge_sees_what_is_lost(world: FormsWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the test above proves nothing."""

    @needs(ADMINISTRATOR)
    def loses_another(job_id: str) -> str:
        others = [other for other in world.jobs() if other != job_id]
        world.core.jobs.delete(others[0])
        return "done"

    @needs(ADMINISTRATOR)
    def forgets() -> tuple[str, int]:
        return '<input name="name" value="another"><p>Some of this cannot be used as it stands.</p>', 422

    @needs(OPERATOR)
    def fails(job_id: str) -> Response:
        abort(500)

    views = {"upkeep.enable": loses_another, "ssh_keys.create": forgets, "jobs.pause": fails}
    for name, view in views.items():
        monkeypatch.setitem(world.app.view_functions, name, view)
    found = set(fuzz(world, 36, 1, only=views).faults)
    assert {("upkeep.enable", "other jobs"), ("ssh_keys.create", "forgot name"), ("jobs.pause", "status")} <= found
