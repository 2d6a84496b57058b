"""Cases from the product's own OpenAPI document against a running server: what is sent, and what is judged."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Err
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.faults.api_world import World
from tests.faults.tally import Tally
from tests.servers import DEADLINE

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance, negative_data_rejection,
]  # fmt: skip
Call = APIOperation[Any, Any, Any, Any]
AnyCase = Case[Call]
STREAM_SECONDS = 0.5  # what is heard of a stream, which would go on for an hour
EACH_LOOK = 50  # cases between two looks at which jobs and runs there are
SETTINGS: tuple[dict[str, Any], ...] = (
    {}, {"exclude": ["*.tmp"], "tags": ["x"]}, {"options": ["hard_links"], "bandwidth_limit": 5}, {"enabled": False},
    {"delete_source_after": True}, {"ssh": {"port": 22}}, {"verify": "checksum", "max_retries": 0},
)  # fmt: skip
IMPORTED = (
    "jobs: []\n",
    "jobs:\n- {{name: A, type: rsync, source: {root}/photos, dest: {root}/nas/{number}}}\n",
    "jobs:\n- name: B\n  type: rclone\n  source: {root}/photos\n  dest: nas:{number}\n  settings: {{tags: [x]}}\n",
    "- {{name: A, name: B}}\n",
    "jobs: &a [*a]\n",
    "jobs:\n- {{name: no, source: 1, dest: [], settings: {{bandwidth_limit: fast}}}}\n",
    "\x00", "[" * 2_000, "jobs:\n- " + "a: {{" * 300, "", "---\n---\n", "jobs: !!python/object:os.system {{}}\n",
)  # fmt: skip


def fuzz(world: World, count: int, seed: int, document: dict[str, Any] | None = None) -> Tally:
    """At least `count` cases, round by round the same number for each call; with many, the boundaries of each field.

    `document` is in the place of the server's own.
    """
    begun, tally = time.monotonic(), Tally()
    calls = list(_calls(world, document or document_of(world)))
    with requests.Session() as session:
        sender = Sender(world, session, tally)
        while tally.cases < count:  # a call that takes nothing has one case a round
            for number, call in enumerate(calls):
                share = (count - tally.cases) // (len(calls) - number)
                _fuzz_one(call, sender, max(1, share // 8 if sender.is_stream(call) else share), seed)
            seed += 1
    tally.seconds = time.monotonic() - begun
    return tally


def document_of(world: World) -> dict[str, Any]:
    address = f"{world.server.address}/api/openapi.json"
    return dict(requests.get(address, headers=world.headers, timeout=DEADLINE).json())


def _calls(world: World, document: dict[str, Any]) -> Iterator[Call]:
    schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config())
    schema.config.update(base_url=world.server.address)
    schema.config.checks.negative_data_rejection.expected_statuses.append("412")  # the tag is looked at first
    for result in schema.get_all_operations():
        assert not isinstance(result, Err), result.err()
        yield result.ok()


def _fuzz_one(call: Call, sender: "Sender", share: int, seed: int) -> None:
    modes = [HypothesisTestMode.FUZZING] + [HypothesisTestMode.COVERAGE] * (share >= 100)
    quietly = settings(
        max_examples=share, phases=[Phase.explicit, Phase.generate], database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    how = HypothesisTestConfig(project=call.schema.config, modes=modes, settings=quietly, seed=seed)

    def one(case: AnyCase) -> None:
        sender.send(case)

    create_test(operation=call, test_func=one, config=how)()


@dataclass
class Sender:
    """Sends a case, half of them with what is really there in the place of what was made up."""

    world: World
    session: requests.Session
    tally: Tally

    def send(self, case: AnyCase) -> None:
        if self.tally.cases % EACH_LOOK == 0:
            self.world.look()
        is_changed = self.world.dice.random() < 0.75
        if is_changed:
            self._make_plausible(case)
        self._keep_inside(case)
        self.tally.sent[case.operation.label] += 1
        try:
            answer = self._answer(case)
        except requests.RequestException as error:
            self._keep(case, type(error).__name__, f"{error}\n{case.as_curl_command()}")
            return
        self.tally.answered[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS, excluded_checks=[negative_data_rejection] * is_changed)
        except FailureGroup as found:
            for failure in found.exceptions:
                self._keep(case, type(failure).__name__, f"{failure}\n{case.as_curl_command()}\n{answer.text[:600]}")

    def _answer(self, case: AnyCase) -> Response:
        for seconds in [STREAM_SECONDS] * self.is_stream(case.operation):
            with suppress(requests.ReadTimeout):  # a slow machine has not begun to answer yet
                return case.call(session=self.session, headers=self.world.headers, timeout=seconds)
        return case.call(session=self.session, headers=self.world.headers, timeout=DEADLINE)

    def is_stream(self, call: Call) -> bool:
        return "text/event-stream" in str(call.definition.raw["responses"])

    def _keep(self, case: AnyCase, kind: str, words: str) -> None:
        self.tally.faults.setdefault((case.operation.label, kind), words)

    def _make_plausible(self, case: AnyCase) -> None:
        dice, world = self.world.dice, self.world
        job, run = dice.choice(world.runs or [("none", "none")])
        job = job if "run_id" in case.path_parameters else dice.choice(world.jobs or ["none"])
        if case.method == "DELETE":
            job = world.new_job()
        for name, value in (("job_id", job), ("run_id", run), ("name", "nas")):
            if name in case.path_parameters:
                case.path_parameters[name] = value
        for name, values in self._known().items():
            if name in case.query and dice.random() < 0.7:
                case.query[name] = dice.choice(values)
        if case.method in {"PUT", "PATCH", "DELETE"} and dice.random() < 0.5:
            case.headers["If-Match"] = dice.choice(["*", '"x"', f'"{job}"', 'W/"x"', ""])
        if case.path.endswith("/start") and dice.random() < 0.5:
            case.headers["Idempotency-Key"] = f"key-{dice.randrange(20)}"
        self._fill_body(case)

    def _known(self) -> dict[str, list[Any]]:
        runs = [run for _, run in self.world.runs] or ["none"]
        return {
            "before": runs, "status": ["done", "failed", "paused"], "type": ["rsync", "rclone"], "tag": ["a", "große"],
            "search": ["Photos", "<script>", "("], "page": [1, 2, 3], "per_page": [1, 50, 500], "limit": [1, 500],
            "offset": [0, 1, 10**9], "job_id": self.world.jobs or ["none"], "folder": ["", "2021", "2021/"],
            "token": ["", "MjAyMQ"], "what": ["new", "failed", ""], "dry_run": ["1", "0", "true"],
        }  # fmt: skip

    def _fill_body(self, case: AnyCase) -> None:
        dice, world = self.world.dice, self.world
        if case.path.endswith("/import"):
            case.body = dice.choice(IMPORTED).format(root=world.root, number=dice.randrange(50)).encode()
        if not isinstance(case.body, dict):
            return
        if case.path in {"/api/v1/jobs", "/api/v1/jobs/{job_id}"}:
            good = {"source": world.sources, "dest": world.dests, "type": ["rsync", "rclone"], "name": ["A", "ö" * 90]}
            case.body |= {name: dice.choice(values) for name, values in good.items() if dice.random() < 0.95}
        if "settings" in case.body and dice.random() < 0.8:
            case.body["settings"] = dice.choice(SETTINGS)
        if "password" in case.body and dice.random() < 0.8:
            del case.body["password"]
        if case.path.endswith("/restore"):
            paths: list[list[Any]] = [[], ["2021"], ["é"]]
            case.body |= {"target": f"{world.root}/nas/{dice.randrange(9)}", "paths": dice.choice(paths)}

    def _keep_inside(self, case: AnyCase) -> None:
        """No path leads out of the world: what is asked for here is really done."""
        if not isinstance(case.body, dict):
            return
        for name in ("source", "dest", "target"):
            if isinstance(path := case.body.get(name), str):
                case.body[name] = self.world.inside(path)


def described(tally: Tally) -> str:
    """The figures and every fault, for people."""
    answered = ", ".join(f"{status}: {number:,}" for status, number in sorted(tally.answered.items()))
    lines = [f"  {tally.cases:,} cases of {len(tally.sent)} calls in {tally.seconds:.0f} s; answered {answered}"]
    for (call, kind), words in tally.faults.items():
        lines.append(f"  FAULT {kind} of {call}:\n{words}")
    return "\n".join(lines)


def tracebacks(world: World) -> str:
    """What the server printed about a defect of its own."""
    printed = world.server.printed.read_text(errors="replace")
    with suppress(ValueError):
        return printed[printed.index("Traceback") :][:4000]
    return ""
