"""Reads jobs.yaml block by block, each text once; it neither judges nor changes what it reads."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from models.job import Job
from storage.file_problem import FileProblem, Unreadable
from storage.file_text import decoded
from storage.job_document import job_from_values
from storage.jobs_reading import EMPTY, FILE, Entry, Reading, unreadable
from storage.plain_block import NotPlain, read_plain_block
from storage.strict_yaml import nothing, read_yaml
from storage.yaml_blocks import Blocks, NotBlocks, split_blocks
from utils.clock import Clock

WHOLE_LIMIT = 1 << 20
_ID = re.compile(r"^[ ]*(?:-[ ]+)?id:[ ]*['\"]?([\w.-]+)", re.MULTILINE)


class Breather:
    """Lets other green threads go on, at most every 10 ms."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = clock.monotonic()

    def __call__(self) -> None:
        if self._clock.monotonic() - self._last > 0.01:
            self._clock.sleep(0)
            self._last = self._clock.monotonic()


class JobsReader:
    """Reads the file again and again; blocks whose text was in the last reading are not parsed."""

    def __init__(self) -> None:
        self._known: dict[str, Entry] = {}

    def read(self, content: bytes | None, breathe: Callable[[], None] = nothing) -> Reading:
        """The jobs and all problems of the content; None is a file that is not there."""
        if content is None:
            return Reading(EMPTY, split_blocks(EMPTY.decode()), exists=False)
        try:
            text = decoded(content)
            blocks, frame_problem = self._blocks(text, breathe)
        except Unreadable as error:
            return unreadable(error, content)
        except NotBlocks:
            return _read_whole(text, content, breathe)
        reading = self._read_blocks(content, blocks, breathe)
        if frame_problem is not None:
            return _explained(reading, frame_problem)
        if all(entry.is_yaml for entry in reading.entries):
            return reading
        whole = _read_whole(text, content, breathe)
        return reading if whole.problems and not whole.entries else whole

    def _blocks(self, text: str, breathe: Callable[[], None]) -> tuple[Blocks, Unreadable | None]:
        """The text's blocks, and what is wrong with what is left without them.

        Where something is, and the whole is no YAML either, all that follows the first job is
        taken for jobs, so that every one is looked at by itself.
        """
        blocks = split_blocks(text)
        problem = _frame_problem(blocks, breathe)
        if problem is None:
            return blocks, None
        if not blocks.tail or _read_whole(text, b"", breathe).entries:
            raise NotBlocks
        lenient = split_blocks(text, with_tail=False)
        if _frame_problem(lenient, breathe) is not None:
            raise problem
        return lenient, problem

    def _read_blocks(self, content: bytes, blocks: Blocks, breathe: Callable[[], None]) -> Reading:
        known, entries = {}, []
        for block in blocks.blocks:
            entry = self._known.get(block)
            if entry is None:
                breathe()
                entry = read_block(block)
            known[block] = entry
            entries.append(entry)
        self._known = known
        jobs, problems = _collect(entries, blocks.line_of)
        return Reading(content, blocks, tuple(entries), jobs, problems)


def _frame_problem(blocks: Blocks, breathe: Callable[[], None]) -> Unreadable | None:
    try:
        frame = read_yaml(blocks.frame, breathe=breathe)
    except Unreadable as error:
        line = error.line
        header = blocks.header.count("\n")
        if line is not None and line > header:
            line += blocks.line_of(len(blocks.blocks)) - 1 - header
        return Unreadable(line, error.reason)
    if isinstance(frame, dict) and not frame.get("jobs", True):
        return None
    return Unreadable(1, "there is no list `jobs` at the top")


def _explained(reading: Reading, problem: Unreadable) -> Reading:
    """Problems on the frame's line get the frame's reason, which knows more."""
    known = problem.problem(FILE)
    explained = tuple(known if found.line == known.line else found for found in reading.problems)
    return replace(reading, problems=explained or (known,))


def read_block(block: str) -> Entry:
    """One block as YAML and as a job."""
    with suppress(NotPlain):
        return _entry(read_plain_block(block), lambda: _lines_of(block))
    try:
        found = read_yaml(block)
    except Unreadable as error:
        return Entry(error=error, job_id=_guessed_id(block), is_yaml=False)
    if not isinstance(found, list) or len(found) != 1:
        odd = Unreadable(1, "this is not one item of a list")
        return Entry(error=odd, job_id=_guessed_id(block), is_yaml=False)
    return _entry(found[0], lambda: _lines_of(block))


def _lines_of(block: str) -> dict[tuple[str | int, ...], int]:
    lines: dict[tuple[str | int, ...], int] = {}
    read_yaml(block, lines)
    return {path[1:]: line for path, line in lines.items()}


def _entry(values: Any, lines: Callable[[], dict[tuple[str | int, ...], int]]) -> Entry:
    job_id = values.get("id") if isinstance(values, dict) else None
    name = job_id if isinstance(job_id, str) else ""
    try:
        return Entry(values, job_from_values(values), job_id=name)
    except Unreadable:
        return Entry(values, error=_located(values, lines()), job_id=name)


def _located(values: Any, lines: dict[tuple[str | int, ...], int]) -> Unreadable:
    """The same refusal with its line: lines cost time and are looked up only when needed."""
    try:
        job_from_values(values, lines)
    except Unreadable as error:
        return error
    raise AssertionError(values)


def _guessed_id(block: str) -> str:
    match = _ID.search(block)
    return match[1] if match else ""


def _collect(entries: list[Entry], first_line: Callable[[int], int]) -> tuple[dict[str, Job], tuple[FileProblem, ...]]:
    """Jobs by id, in order, and what is wrong: an id that stands twice is wrong the second time."""
    jobs: dict[str, Job] = {}
    problems = []
    for index, entry in enumerate(entries):
        error = entry.error
        if entry.job is not None and entry.job.id not in jobs:
            jobs[entry.job.id] = entry.job
            continue
        if entry.job is not None:
            error = Unreadable(1, f"the id {entry.job.id} stands twice")
        if error is not None:
            problems.append(error.problem(FILE, first_line(index), entry.job_id))
    return jobs, tuple(problems)


def _read_whole(text: str, content: bytes, breathe: Callable[[], None]) -> Reading:
    """A file in an unusual form (anchors, flow style, another indentation), read at once."""
    lines: dict[tuple[str | int, ...], int] = {}
    try:
        if len(text) > WHOLE_LIMIT:
            raise Unreadable(None, "in this form more than 1 MiB is not read")
        whole = read_yaml(text, lines, breathe)
        items = _items(whole, lines)
    except Unreadable as error:
        return unreadable(error, content)
    entries = [_whole_entry(item, index, lines) for index, item in enumerate(items)]
    jobs, problems = _collect(entries, lambda index: lines.get(("jobs", index), 1))
    return Reading(content, None, tuple(entries), jobs, problems, whole)


def _whole_entry(item: Any, index: int, lines: dict[tuple[str | int, ...], int]) -> Entry:
    first = lines.get(("jobs", index), 1)

    def own_lines() -> dict[tuple[str | int, ...], int]:
        inside = {path[2:]: line for path, line in lines.items() if path[:2] == ("jobs", index)}
        return {path: line - first + 1 for path, line in inside.items()}

    return _entry(item, own_lines)


def _items(whole: Any, lines: dict[tuple[str | int, ...], int]) -> list[Any]:
    if whole is None:
        raise Unreadable(1, "the file is empty")
    if not isinstance(whole, dict):
        raise Unreadable(1, "there must be a map with the key `jobs` at the top")
    if "jobs" not in whole:
        raise Unreadable(1, "there is no key `jobs`")
    if not isinstance(whole["jobs"], list):
        line = lines.get(("jobs",), 1)
        raise Unreadable(line, "`jobs` must be a list; write `jobs: []` if there are none")
    return list(whole["jobs"])
