"""A share of the cases of `script/prove api`, and that its judge sees a document that does not say the truth."""

import copy
import random
from collections.abc import Iterator

import pytest

from flask_app.listen import AsyncMode
from tests.faults.api_fuzz import described, document_of, fuzz, tracebacks
from tests.faults.api_world import World, furnished_world

pytestmark = pytest.mark.timeout(300)  # many small requests: a busy machine takes minutes for them


@pytest.fixture(scope="module")
def seed() -> int:
    return random.SystemRandom().getrandbits(32)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, server_mode: AsyncMode, seed: int) -> Iterator[World]:
    root = tmp_path_factory.mktemp("world")
    with furnished_world(root, server_mode, random.Random(seed), by_token=True) as built:
        yield built


class Nobody(World):
    """Has no token, and so sees nothing to ask for."""

    def look(self) -> None:
        self.jobs = []


def test_every_answer_to_made_up_requests_is_what_the_document_says(world: World, seed: int) -> None:
    print(f"seed {seed}")
    tally = fuzz(world, 90, seed)
    assert not tally.faults, described(tally)
    assert tracebacks(world) == ""
    assert not (world.root / "stopped").exists()
    assert len(tally.sent) == sum(len(methods) for methods in document_of(world)["paths"].values())
    assert {200, 202, 404, 422} <= tally.answered.keys(), "some were understood"


def test_without_the_token_every_call_is_refused_as_the_document_says(world: World, seed: int) -> None:
    nobody = Nobody(world.server, world.root, world.dice)
    tally = fuzz(nobody, 29, seed, document_of(world))
    assert not tally.faults, described(tally)
    assert tally.answered.keys() == {401}


def test_the_judge_sees_what_does_not_fit(world: World) -> None:
    """Else the test above proves nothing."""
    document = copy.deepcopy(document_of(world))
    paths = document["paths"]
    document["paths"] = {name: paths[name] for name in ("/api/v1/stats", "/api/v1/tools", "/api/v1/runs/{run_id}")}
    stats = document["paths"]["/api/v1/stats"]["get"]["responses"]["200"]["content"]["application/json"]
    stats["schema"]["properties"]["data"] = {"type": "array"}
    del document["paths"]["/api/v1/runs/{run_id}"]["get"]["responses"]["404"]
    tools = document["paths"]["/api/v1/tools"]["get"]["responses"]["200"]
    tools["content"] = {"text/plain": {"schema": {"type": "string"}}}
    assert set(fuzz(world, 30, 1, document).faults) == {
        ("GET /api/v1/stats", "JsonSchemaError"),
        ("GET /api/v1/tools", "UndefinedContentType"),
        ("GET /api/v1/runs/{run_id}", "UndefinedStatusCode"),
    }
