"""Made-up entries in every form of the pages: what may be answered, and that nothing is lost; it makes no world."""

import re
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import quote_from_bytes

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from models.job import Job
from tests.faults.form_fields import FORMS, QUERY, Entry, Form, entries
from tests.faults.forms_world import FormsWorld
from tests.faults.tally import Tally

LOOKS = frozenset({
    "job_form.check", "job_form.catch", "browser.browse", "adopting.adopt", "templates.take_in", "account.create_token",
})  # fmt: skip
DONE, REFUSED = {200, 201, 202, 204, 303}, {403, 404, 409, 413, 422, 429}


def rules_of(world: FormsWorld) -> Iterator[tuple[str, Rule, bool]]:
    """Every page of the URL map, and whether it takes a form; the API, static files and probes are no pages."""
    for rule in world.app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not rule.rule.startswith(("/api/", "/static/")):
            yield from ((rule.endpoint, rule, method != "GET") for method in sorted(methods))


def fuzz(world: FormsWorld, count: int, seed: int, only: Collection[str] = ()) -> Tally:
    """At least `count` requests, four fifths of them forms, the same number for each view, or for some of them."""
    begun, tally = time.monotonic(), Tally()
    rules = [rule for rule in rules_of(world) if not only or rule[0] in only]
    forms = sum(is_form for _, _, is_form in rules)
    for endpoint, rule, is_form in rules:
        share = max(
            1, round(count * 0.8 / max(1, forms)) if is_form else round(count * 0.2 / max(1, len(rules) - forms))
        )
        _fuzz_one(world, tally, endpoint, rule, FORMS[endpoint] if is_form else None, share, seed)
    tally.seconds = time.monotonic() - begun
    return tally


def _fuzz_one(
    world: FormsWorld, tally: Tally, endpoint: str, rule: Rule, form: Form | None, share: int, seed: int
) -> None:
    made_up = entries(form.fields if form else QUERY, len(rule.arguments))
    how = settings(max_examples=share, phases=[Phase.generate], database=None, deadline=None,
                   suppress_health_check=list(HealthCheck))  # fmt: skip

    @hypothesis.seed(seed)
    @how
    @given(made_up)
    def one(entry: Entry) -> None:
        world.settle()
        address, before = world.address(rule.rule, entry), world.jobs()
        method = "DELETE" if "DELETE" in (rule.methods or ()) and entry.is_htmx else "POST"
        answer = world.send(method, address, entry) if form else world.ask(address, entry)
        tally.sent[endpoint] += 1
        tally.answered[answer.status_code] += 1
        found = Case(world, endpoint, form, entry, address, answer, before)
        for kind, words in found.faults():
            tally.faults.setdefault((endpoint, kind), f"{words}\n{address} {str(entry)[:1500]}")

    one()


@dataclass
class Case:
    """One request and its answer; `before`: the jobs before it."""

    world: FormsWorld
    endpoint: str
    form: Form | None
    entry: Entry
    address: str
    answer: TestResponse
    before: dict[str, Job]

    def faults(self) -> Iterator[tuple[str, str]]:
        status = self.answer.status_code
        if status not in DONE | REFUSED or (status == 403) != (self.form is not None and not self.entry.has_token):
            yield "status", f"{status}: {self.answer.text[:800]}"
        if self.form is None:
            return
        if status == 303 and not re.match("/(?!/)", self.answer.headers["Location"]):
            yield "leads away", self.answer.headers["Location"]
        if not self.entry.is_htmx and (status in {201, 202, 204} or (status == 200 and not self._may_look())):
            yield "plain form", f"{status} instead of 303"
        if status in REFUSED and len(re.sub(r"<[^>]*>|\s", "", self.answer.text)) < 20:
            yield "silent", f"{status}: {self.answer.text[:300]}"
        if fault := self.world.file_fault:
            yield "jobs.yaml", fault
        yield from self._changes(self.form, status)
        if status in {409, 422}:
            yield from self._forgotten(self.form)

    def _may_look(self) -> bool:
        sent = dict(self.entry.pairs)
        return self.endpoint in LOOKS or (self.endpoint == "bulk.act" and sent.get("action") in {"delete", "tag"})

    def _changes(self, form: Form, status: int) -> Iterator[tuple[str, str]]:
        """Only the jobs that the form is about are others now, and none where it was refused."""
        after = self.world.jobs()
        lost, new = self.before.keys() - after.keys(), after.keys() - self.before.keys()
        other = {job_id for job_id in self.before.keys() & after.keys() if self.before[job_id] != after[job_id]}
        mine = {job_id for job_id in self.before if form.touches == "address" and f"/{job_id}/" in self.address}
        if form.touches == "chosen":
            mine = {self.world.filled(value) for name, value in self.entry.pairs if name == "job_id"}
        if status in REFUSED and (lost or new or other):
            yield "refused and done", f"{status}: lost {lost}, new {new}, changed {other}"
        if (lost | other) - mine or len(new) > form.adds:
            yield "other jobs", f"lost {lost - mine}, new {new}, changed {other - mine}"

    def _forgotten(self, form: Form) -> Iterator[tuple[str, str]]:
        """What was typed into a form that is shown again and is not in it."""
        shown = Fields(self.answer.text)
        for name in sorted(form.texts & shown.values.keys()):
            sent = [self.world.filled(value) for key, value in self.entry.pairs if key == name]
            if len(sent) == 1 and self.entry.file is None and not _as_read(sent[0]) & set(shown.values[name]):
                yield f"forgot {name}", f"typed {sent[0][:200]!r}, shown {[one[:200] for one in shown.values[name]]!r}"


def _as_read(text: str) -> set[str]:
    """How the server may read it: bytes that are no text stay as they were written, or are marked."""
    content = text.encode("utf-8", "surrogatepass")
    return {content.decode("utf-8", "replace"), re.sub("[\ud800-\udfff]", lambda odd: _quoted(odd[0]), text)}


def _quoted(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"))


class Fields(HTMLParser):
    """What the fields of a page hold."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._area = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("name") or ""
        if tag == "input" and name:
            self.values.setdefault(name, []).append(found.get("value") or "")
        if tag == "textarea":
            self._area = name
            self.values.setdefault(name, []).append("")

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            self.values[self._area][-1] = self.values[self._area][-1].removeprefix("\n")
            self._area = ""


def described(tally: Tally) -> str:
    answered = ", ".join(f"{status}: {number:,}" for status, number in sorted(tally.answered.items()))
    lines = [f"  {tally.cases:,} requests to {len(tally.sent)} views in {tally.seconds:.0f} s; answered {answered}"]
    lines += [f"  FAULT {kind} of {view}: {words}" for (view, kind), words in tally.faults.items()]
    return "\n".join(lines)
