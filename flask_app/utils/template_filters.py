"""What templates may call: filters, tests and the values every page's frame needs."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from zlib import crc32

from flask import Flask, g, get_flashed_messages, url_for
from markupsafe import Markup, escape

from core.views import Recoverable
from flask_app.forms import LABELS
from flask_app.utils import (
    agents,
    boards,
    charts,
    estimates,
    figures,
    kinds,
    log_rows,
    looks,
    moments,
    permitted,
    proofs,
    verdicts,
    words,
)
from flask_app.utils.bulk_words import BULK_NEEDS
from flask_app.utils.container import services
from flask_app.utils.htmx_helpers import Toast
from flask_app.utils.timeline import timeline
from models.run import Run
from storage.job_store import JobsSnapshot
from utils.clock import utc_text
from utils.needle import pattern
from utils.sizes import duration, size, size_parts, speed
from utils.text import plural, visible, visible_name

_LAST_GOOD = "The last good version stays in force. Nothing was overwritten."
_CONFIRM = "Another program or a person removed them. They stay in force here until {} it."
_READ_ONLY = "Pages can be read and runs go on, but nothing can be changed."
FILTERS: dict[str, Callable[..., Any]] = {
    "size": size,
    "size_parts": size_parts,
    "speed": speed,
    "duration": duration,
    "plural": plural,
    "utc_text": utc_text,
    "visible": visible,
    "percent": figures.percent,
    "eta": figures.eta,
    "bytes_of": figures.bytes_of,
    "rate": figures.rate,
    "files": figures.files,
    "files_of": figures.files_of,
    "run_look": looks.run_look,
    "job_look": looks.job_look,
    "bar_tone": looks.bar_tone,
    "when": moments.when,
    "stamp": moments.stamp,
    "short": moments.short,
    "clock_time": moments.clock_time,
    "second_time": moments.second_time,
    "absolute": moments.absolute,
    "ago": moments.ago,
    "job_sentence": words.job_sentence,
    "attention_state": words.attention_state,
    "attention_sentence": words.attention_sentence,
    "activity": words.activity,
    "moment_of_run": words.moment_of_run,
    "copied_bytes": words.copied_bytes,
    "took": words.took,
    "run_title": words.run_title,
    "outlook": estimates.outlook,
    "compared": estimates.compared,
    "usual_amount": estimates.usual_amount,
    "lower_first": lambda text: text[:1].lower() + text[1:],
    "timeline": timeline,
    "kind": kinds.kind_of,
    "to_copy": kinds.to_copy,
    "tally": kinds.tally,
    "comparison": proofs.comparison,
    "deletion": proofs.deletion,
    "whats": proofs.whats_of,
    "waiting_hosts": words.waiting_hosts,
    "lately": boards.lately,
    "failing": boards.failing,
    "visible_name": visible_name,
    "in_folder": proofs.in_folder,
    "quoted": quote,
    "shell": shlex.quote,
    "agent_words": agents.agent_words,
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A banner: what is wrong, and what holds until it is mended."""

    fact: str
    consequence: str
    can_confirm: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page."""

    notices: tuple[Notice, ...]
    recoverable: tuple[Recoverable, ...]
    job_count: int
    utc_offset: int

    @property
    def notices_tag(self) -> str:
        """Changes with the notices and nothing else."""
        return f"{crc32(repr(self.notices).encode()):x}"


def frame() -> Frame:
    snapshot = services().jobs.snapshot()
    return Frame(_notices(snapshot), services().manager.recoverable(), len(snapshot.jobs), moments.utc_offset())


def _notices(snapshot: JobsSnapshot) -> tuple[Notice, ...]:
    """Everything that a person should mend outside, the gravest first."""
    may_confirm = permitted.may_send("/confirm-missing")
    found = [Notice(sentence, _READ_ONLY) for sentence in [services().jobs.unwritable()] if sentence]
    problems = (*snapshot.problems, *services().settings.problems(), *services().configs.problems())
    found += [
        Notice(f"{problem.sentence}.", _LAST_GOOD, may_confirm and "confirm it" in problem.reason)
        for problem in problems
    ]
    if snapshot.missing:
        names = ", ".join(visible(name) for name in snapshot.missing)
        count = plural(len(snapshot.missing), "job")
        consequence = _CONFIRM.format("you confirm" if may_confirm else "an administrator confirms")
        found.append(Notice(f"{count} are gone from jobs.yaml: {names}.", consequence, may_confirm))
    return tuple(found)


def toasts() -> list[Toast]:
    """Flashed messages; a plain flash() becomes a toast of its category."""
    flashed: list[Any] = list(get_flashed_messages(with_categories=True))
    return [_as_toast(*pair) for pair in flashed]


def _as_toast(category: str, message: Any) -> Toast:
    if isinstance(message, dict):
        return Toast(**message)
    return Toast(str(message), tone="error" if category == "error" else "ok")


_HIT, _HIT_END = Markup("<mark>"), Markup("</mark>")


def hits(text: str, search: str) -> Markup:
    """`text`, escaped, with every place where `search` occurs in a <mark>."""
    if not search:
        return escape(text)
    parts, end = list[Markup](), 0
    for match in pattern(search).finditer(text):
        parts += (escape(text[end : match.start()]), _HIT, escape(match[0]), _HIT_END)
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def sprite() -> str:
    """The address of the icons, made once per request: a list of jobs asks for it hundreds of times."""
    if "sprite" not in g:
        g.sprite = url_for("static", filename="icons.svg")
    return str(g.sprite)


def _blocker(run: Run) -> Run | None:
    return services().queries.blocker(run)


def register(app: Flask) -> None:
    """Give `app`'s templates their filters and functions."""
    app.jinja_env.filters.update(FILTERS | charts.FILTERS | log_rows.FILTERS, hits=hits)
    app.jinja_env.globals.update(
        frame=frame,
        may_go=permitted.may_go,
        may_send=permitted.may_send,
        sprite=sprite,
        toasts=toasts,
        verdict=verdicts.verdict,
        blocker=_blocker,
        is_quiet=looks.is_quiet,
        ACTIONS=words.ACTIONS,
        BULK_NEEDS=BULK_NEEDS,
        LABELS=LABELS,
        OPTION_WORDS=words.OPTION_WORDS,
        ENGINE_WORDS=words.ENGINE_WORDS,
        VERIFY_WORDS=words.VERIFY_WORDS,
        DELETION_WORDS=words.DELETION_WORDS,
        WHATS=proofs.WHATS,
        TRIGGERS=words.TRIGGERS,
        seconds_between=moments.seconds_between,
        now=lambda: datetime.now(UTC),
        clock_now=moments.clock_now,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
