"""Sentences for job fields that every engine judges alike; looks at nothing but the job."""

import math
from collections.abc import Iterator

from models.job import DELETION_MODES, Job, JobSettings
from utils.text import HOSTILE, shortened

MAX_NAME = 200
MAX_BANDWIDTH = 10 * 1024 * 1024
MAX_RETRIES = 20
MAX_STALL_MINUTES = 1440
MAX_PATTERNS = 1000
MAX_PATTERN = 1000
MAX_TAGS = 50
MAX_TAG = 50


def common_problems(job: Job, options: tuple[str, ...]) -> dict[str, str]:
    """Form field → sentence, for all but the locations; `options` are the engine's switches."""
    return dict(_found(job, options))


def _found(job: Job, options: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    settings = job.settings
    yield from _name(job.name)
    if settings.mode != "copy":
        yield "mode", f"This version only copies; “{_short(settings.mode)}” is not built yet."
    yield from _numbers(settings)
    yield from _lists(settings)
    yield from _deletion(settings)
    unknown = [option for option in settings.options if option not in options]
    if unknown:
        yield "options", f"“{_short(unknown[0])}” is not an option. There are: {', '.join(options)}."
    for name in settings.unbuilt:
        yield name, f"“{_short(name)}” is set, but this version cannot carry it out. Remove it to start the job."


def _name(name: str) -> Iterator[tuple[str, str]]:
    if not name.strip():
        yield "name", "Give the job a name, for example Photos to NAS."
    elif len(name) > MAX_NAME:
        yield "name", f"This name has {len(name):,} characters; {MAX_NAME} is the limit."
    elif HOSTILE.search(name):
        yield "name", "The name contains a character that cannot be shown. Remove it."


def _numbers(settings: JobSettings) -> Iterator[tuple[str, str]]:
    limit, retries, port = settings.bandwidth_limit, settings.max_retries, settings.ssh.port
    if limit is not None and not 0 <= limit <= MAX_BANDWIDTH:
        yield "bandwidth_limit", f"The speed limit can be 0 (none) to {MAX_BANDWIDTH:,} KiB/s."
    if retries is not None and not 0 <= retries <= MAX_RETRIES:
        yield "max_retries", f"The number of tries can be 0 to {MAX_RETRIES}."
    if port is not None and not 1 <= port <= 65535:
        yield "ssh_port", "A port is a number from 1 to 65535."
    minutes = settings.stall_minutes
    if not (math.isfinite(minutes) and 0 < minutes <= MAX_STALL_MINUTES):
        yield "stall_minutes", f"The minutes can be more than 0, up to {MAX_STALL_MINUTES:,} (a day)."


def _deletion(settings: JobSettings) -> Iterator[tuple[str, str]]:
    if settings.deletion_mode not in DELETION_MODES:
        yield "deletion_mode", f"There are: {', '.join(DELETION_MODES)}."
    if settings.delete_source_after and not settings.deletion_confirmed:
        yield (
            "deletion_confirmed",
            (
                "Files at the source are to be deleted, and nobody has agreed to that yet. Tick this to agree, "
                "or turn the deletion off."
            ),
        )


def _lists(settings: JobSettings) -> Iterator[tuple[str, str]]:
    for field, patterns in (("exclude", settings.exclude), ("include", settings.include)):
        sentence = _patterns(patterns)
        if sentence:
            yield field, sentence
    if len(settings.tags) > MAX_TAGS:
        yield "tags", f"There are {len(settings.tags):,} tags; {MAX_TAGS} is the limit."
    elif any(not tag.strip() or len(tag) > MAX_TAG or HOSTILE.search(tag) for tag in settings.tags):
        yield "tags", f"A tag is a word of 1 to {MAX_TAG} characters that can be shown."


def _patterns(patterns: tuple[str, ...]) -> str:
    if len(patterns) > MAX_PATTERNS:
        return f"There are {len(patterns):,} patterns; {MAX_PATTERNS:,} is the limit."
    for pattern in patterns:
        if not pattern.strip():
            return "An empty pattern matches nothing. Remove it."
        if len(pattern) > MAX_PATTERN:
            return f"The pattern “{_short(pattern)}” is longer than {MAX_PATTERN:,} characters."
        if HOSTILE.search(pattern):
            return "A pattern contains a character that cannot be shown, such as a line break. Remove it."
    return ""


def _short(text: str) -> str:
    return shortened(HOSTILE.sub("�", text), 40)
