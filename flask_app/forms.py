"""Forms as they were typed, turned into drafts and settings; what is typed is kept, whatever is wrong with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from werkzeug.datastructures import MultiDict

from engines.registry import engine, names
from models.job import DELETION_MODES, VERIFY_MODES, Job, JobDraft, JobSettings, SshAccess

TEXT_FIELDS = (
    "name",
    "type",
    "source",
    "dest",
    "bandwidth_limit",
    "exclude",
    "include",
    "max_retries",
    "stall_minutes",
    "tags",
    "ssh_port",
    "ssh_key",
    "verify",
    "deletion_mode",
)
SWITCHES = {
    "list_files": False,
    "enabled": True,
    "delete_source_after": False,
    "deletion_confirmed": False,
    "skip_deletion_this_run": False,
}
PASSWORD = "password"  # noqa: S105  the name of the field
RETYPE = "retype"  # stands for a password that was typed, where the form waits in hidden fields
NO_CONSENT = "Tick this to agree, or leave the files at the source."
_WHOLE = re.compile(r"-?[0-9]{1,12}")
_FRACTION = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?")
LABELS = {
    "name": "Name",
    "type": "Engine",
    "source": "Source",
    "dest": "Destination",
    "bandwidth_limit": "Speed limit",
    "exclude": "Leave out",
    "include": "Always include",
    "max_retries": "Tries",
    "stall_minutes": "Stalled after",
    "tags": "Tags",
    "ssh_port": "Port",
    "ssh_key": "SSH key",
    PASSWORD: "Password",
    "options": "Options",
    "list_files": "File list",
    "verify": "Check the copy",
    "delete_source_after": "Delete at the source",
    "deletion_mode": "Which files go",
    "deletion_confirmed": "Consent",
    "verification_mode": "Check the copy",
    "network_check_interval": "Network check",
    "default_bandwidth_limit": "Speed limit",
    "max_retry_attempts": "Tries",
    "auto_refresh_interval": "Refresh",
}


@dataclass(frozen=True, slots=True)
class JobForm:
    """The job form as typed: `values` are the texts, `switches` the boxes; `errors` has a sentence per field.

    No password is among them: a page never says one, not even one that was typed just now. `forgets` asks for the
    stored one to be forgotten; `retypes` says that one was typed, which has to be typed again.
    """

    values: Mapping[str, str]
    options: tuple[str, ...] = ()
    switches: Mapping[str, bool] = field(default_factory=lambda: SWITCHES)
    errors: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    forgets: bool = False
    retypes: bool = False

    def text(self, name: str) -> str:
        return self.values.get(name, "")

    def is_on(self, name: str) -> bool:
        return self.switches[name]

    def with_errors(self, errors: Mapping[str, str], summary: str = "") -> "JobForm":
        return replace(self, errors=errors, summary=summary)


def empty_form(engine: str) -> JobForm:
    return JobForm({"type": engine, "stall_minutes": "2", "deletion_mode": JobSettings().deletion_mode})


def form_of(job: Job) -> JobForm:
    """A saved job as the form shows it; the password is never shown again."""
    settings = job.settings
    values = {
        "name": job.name,
        "type": job.type,
        "source": job.source,
        "dest": job.dest,
        "bandwidth_limit": _shown(settings.bandwidth_limit),
        "exclude": "\n".join(settings.exclude),
        "include": "\n".join(settings.include),
        "max_retries": _shown(settings.max_retries),
        "stall_minutes": f"{settings.stall_minutes:g}",
        "tags": ", ".join(settings.tags),
        "ssh_port": _shown(settings.ssh.port),
        "ssh_key": settings.ssh.key or "",
        "verify": settings.verify or "",
        "deletion_mode": settings.deletion_mode,
    }
    return JobForm(values, settings.options, {name: getattr(settings, name) for name in SWITCHES})


def typed_form(typed: "MultiDict[str, str]", base: JobForm) -> JobForm:
    """What was posted; fields that were not posted keep what `base` says (scripts send only some)."""
    values = {name: typed.get(name, base.text(name)) for name in TEXT_FIELDS}
    values["name"] = values["name"] or _suggested_name(typed, values["source"])
    switches = {name: _switch(typed, name, base.is_on(name)) for name in SWITCHES}
    options = _options(typed, values["type"], base)
    retypes = bool(typed.get(PASSWORD) or typed.get(RETYPE))
    return JobForm(values, options, switches, forgets=bool(typed.get("forget_password")), retypes=retypes)


def _options(typed: "MultiDict[str, str]", chosen: str, base: JobForm) -> tuple[str, ...]:
    """Our own form shows the boxes of every engine, hides all but one's, and says so with an empty entry."""
    if "options" not in typed:
        return base.options
    sent = typed.getlist("options")
    named = tuple(dict.fromkeys(word for text in sent for word in _lines(text)))
    if "" not in sent or chosen not in names():
        return named
    return tuple(word for word in named if word in engine(chosen).options)


def draft_of(form: JobForm, typed: "MultiDict[str, str]", base: JobSettings) -> tuple[JobDraft, dict[str, str]]:
    """The draft and what is wrong with fields that cannot be read as numbers (those keep `base`)."""
    errors: dict[str, str] = {}
    settings = base._replace(
        bandwidth_limit=_whole(form, "bandwidth_limit", errors, 0, 100_000_000),
        max_retries=_whole(form, "max_retries", errors, 0, 20),
        stall_minutes=_minutes(form, errors),
        ssh=SshAccess(_whole(form, "ssh_port", errors, 1, 65535), form.text("ssh_key") or None),
        exclude=tuple(_lines(form.text("exclude"))),
        include=tuple(_lines(form.text("include"))),
        tags=tuple(tag.strip() for line in _lines(form.text("tags")) for tag in line.split(",") if tag.strip()),
        options=form.options,
        verify=_choice(form, "verify", errors, VERIFY_MODES) or None,
        deletion_mode=_choice(form, "deletion_mode", errors, DELETION_MODES) or base.deletion_mode,
        **cast("dict[str, Any]", form.switches),
    )
    if settings.delete_source_after and not settings.deletion_confirmed:
        errors["deletion_confirmed"] = NO_CONSENT
    text = form.text
    draft = JobDraft(text("name"), text("type"), text("source"), text("dest"), settings, _password(typed))
    return draft, errors


def _choice(form: JobForm, name: str, errors: dict[str, str], allowed: tuple[str, ...]) -> str:
    """One of the words that are allowed, or "" where none was chosen."""
    if form.text(name) not in ("", *allowed):
        errors[name] = f"This can be {', '.join(allowed)}."
        return ""
    return form.text(name)


def _whole(form: JobForm, name: str, errors: dict[str, str], low: int, high: int) -> int | None:
    text = form.text(name).strip()
    if not text:
        return None
    if not _WHOLE.fullmatch(text):
        errors[name] = "Write a whole number, digits only."
        return None
    if not low <= int(text) <= high:
        errors[name] = f"This can be {low:,} to {high:,}."
        return None
    return int(text)


def _minutes(form: JobForm, errors: dict[str, str]) -> float:
    text = form.text("stall_minutes").strip()
    if not text:
        return JobSettings().stall_minutes
    if not _FRACTION.fullmatch(text) or not 0.05 <= float(text) <= 1440:
        errors["stall_minutes"] = "Write minutes, 0.05 to 1,440."
        return JobSettings().stall_minutes
    return float(text)


def _password(typed: "MultiDict[str, str]") -> str | None:
    """None leaves the stored password, "" forgets it."""
    if typed.get("forget_password"):
        return ""
    return typed.get(PASSWORD) or None


def _suggested_name(typed: "MultiDict[str, str]", source: str) -> str:
    """The first-run page asks three things; the name is then the source's last folder."""
    if not typed.get("suggest_name"):
        return ""
    return source.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def _lines(text: str) -> list[str]:
    """Non-empty lines; only real line ends divide, every other character is the person's own."""
    return [line for line in re.split(r"\r\n|\n|\r", text) if line]


def _switch(typed: "MultiDict[str, str]", name: str, otherwise: bool) -> bool:
    return typed.getlist(name)[-1].lower() in {"true", "on", "1", "yes"} if name in typed else otherwise


def _shown(number: int | None) -> str:
    return "" if number is None else str(number)
