"""A dashboard that is left open while jobs start and end: the jobs, the browser, and what the server says beside it."""

import os
import random
import threading
import time
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import requests

from core.statistics import DayCell
from flask_app.utils.boards import day_words
from flask_app.utils.looks import RUN_LOOKS
from tests.e2e.browser import Product, Visit
from utils.sizes import size_parts

JOBS, AT_ONCE = 8, 3
LIMIT = 700  # KiB/s
BETWEEN = (0.5, 2.0)  # seconds from one start to the next
RANKS = ("failed", "interrupted", "warnings", "running", "good")
DAY_STATES = {
    "done": "good",
    "done_with_warnings": "warnings",
    "failed": "failed",
    "interrupted": "interrupted",
    "paused": "interrupted",
}
# Kept by the page itself, as it must not be asked in between: the last word about each run, and every toast.
NOTES = """
  window.words = {};
  window.toasts = [];
  const look = () => {
    for (const row of document.querySelectorAll("#recent-activity li")) {
      words[row.id.slice(7)] = row.querySelector(".sr-only").textContent.slice(0, -1);
    }
  };
  const note = (changes) => {
    look();
    for (const { addedNodes } of changes) for (const node of addedNodes) {
      if (node.classList?.contains("toast")) toasts.push(node.querySelector(".fact").textContent);
    }
  };
  document.addEventListener("DOMContentLoaded", () => {
    look();
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
"""
SHOWN = """() => {
  const figures = Object.fromEntries([...document.querySelectorAll("#dashboard-stats dl > div")].map((cell) =>
    [cell.querySelector("dt").textContent, cell.querySelector(".figure").textContent.replace(/\\s+/g, " ").trim()]));
  return {
    running: figures["Running"], failed: figures["Failed in 24 h"],
    jobs: figures["Jobs"], bytes: figures["Transferred"],
    active: [...document.querySelectorAll("#active-jobs [data-run]")].map((card) => card.dataset.run).sort(),
    recent: [...document.querySelectorAll("#recent-activity li")].map((row) => row.id.slice(7)),
    days: Object.fromEntries([...document.querySelectorAll("#last-days li[id]")].map((row) =>
      [row.id.slice(5), row.querySelector("svg").getAttribute("aria-label")])),
  };
}"""


class Work(threading.Thread):
    """Starts and pauses jobs at random until it is stopped; a server that is away is tried again."""

    def __init__(self, product: Product, folder: Path, dice: random.Random) -> None:
        super().__init__(name="work", daemon=True)
        self._product, self._folder, self._dice = product, folder, dice
        self._may_start, self._stopped = threading.Event(), threading.Event()
        self.jobs = [self._create(number) for number in range(JOBS)]
        self._may_start.set()

    def _create(self, number: int) -> str:
        source = self._folder / f"source {number}"
        source.mkdir()
        settings = {"bandwidth_limit": LIMIT}
        dest = self._folder / f"copy {number}"
        return self._product.server.create_job(source, dest, name=f"Job {number}", settings=settings)

    def run(self) -> None:
        while not self._stopped.wait(self._dice.uniform(*BETWEEN)):
            self._may_start.wait()
            with suppress(requests.ConnectionError, requests.Timeout, ValueError):
                self._do_something()

    def _do_something(self) -> None:
        active = [job["id"] for job in self._product.jobs() if job["active_run_id"]]
        if active and (len(active) >= AT_ONCE or self._dice.random() < 0.1):
            if self._dice.random() < 0.3:
                self._product.server.api("POST", f"/jobs/{self._dice.choice(active)}/pause")
            return
        number = self._dice.randrange(JOBS)
        content = os.urandom(self._dice.randrange(300_000, 4_000_000))
        if self.jobs[number] not in active:
            (self._folder / f"source {number}" / "a file").write_bytes(content)
            self._product.server.api("POST", f"/jobs/{self.jobs[number]}/start")

    def rest(self) -> None:
        """Start nothing more for now."""
        self._may_start.clear()

    def go_on(self) -> None:
        self._may_start.set()

    def stop(self) -> None:
        self._stopped.set()
        self._may_start.set()
        self.join(30)


def truth(product: Product) -> dict[str, Any]:
    """What the panels must say now."""
    stats = product.server.api("GET", "/stats").json()["data"]
    jobs = product.jobs()
    runs = {job["id"]: product.runs(job["id"]) for job in jobs}
    active = {job["active_run_id"] for job in jobs} - {None}
    told = [
        run for each in runs.values() for run in each if run["ended_at"] or run["state"] not in ("queued", "waiting")
    ]
    told.sort(key=lambda run: run["ended_at"] or run["started_at"] or run["created_at"], reverse=True)
    return {
        "running": str(stats["active"]),
        "failed": str(stats["failed_24h"]),
        "jobs": str(stats["jobs"]),
        "bytes": " ".join(size_parts(stats["total_bytes"])),
        "active": sorted(active),
        "recent": [run["id"] for run in told[:10]],
        "days": {job: _day_label(each, any(run["id"] in active for run in each)) for job, each in runs.items()},
    }


def _day_label(runs: list[dict[str, Any]], is_active: bool) -> str:
    """All runs are of today."""
    states = {DAY_STATES[run["state"]] for run in runs if run["state"] in DAY_STATES} | (
        {"running"} if is_active else set()
    )
    worst = next((state for state in RANKS if state in states), "none")
    day = date.min
    return day_words([DayCell(day, "none", 0)] * 29 + [DayCell(day, worst, len(runs))])


def word_of(state: str) -> str:
    return RUN_LOOKS[state].word


def server_process(product: Product) -> int:
    """The process that serves, below gunicorn's master."""
    master = product.server.process.pid
    return int(Path(f"/proc/{master}/task/{master}/children").read_text().split()[0])


def footprint(pid: int) -> tuple[float, int, int]:
    """Resident MB, threads, open descriptors."""
    status = Path(f"/proc/{pid}/status").read_text()
    resident = int(status.split("VmRSS:")[1].split()[0]) / 1024
    return resident, int(status.split("Threads:")[1].split()[0]), len(os.listdir(f"/proc/{pid}/fd"))


class Page:
    """The dashboard in the browser, and how it compares."""

    def __init__(self, visit: Visit, product: Product) -> None:
        self.visit, self._product = visit, product
        visit.allow_outage()
        visit.allow_status(409)  # a run that ended as its button was pressed
        visit.context.add_init_script(NOTES)
        visit.go("/")
        visit.live()
        self._channel = visit.context.new_cdp_session(visit.page)

    def shown(self) -> dict[str, Any]:
        return dict(self.visit.page.evaluate(SHOWN))

    def right_after(self, patience: float) -> float:
        """Seconds until every panel says what was true at some time since now; AssertionError after `patience`.

        Work goes on meanwhile, so what is true moves; a panel is late only where it says what was true before.
        """
        began = time.monotonic()
        true: dict[str, list[object]] = {}
        while True:
            # The truth takes several questions, so what the page said before them counts as well.
            before, now, after = self.shown(), truth(self._product), self.shown()
            for name, value in now.items():
                true.setdefault(name, []).append(value)
            late = [name for name, values in true.items() if before[name] not in values and after[name] not in values]
            if not late:
                return time.monotonic() - began
            differences = {name: (after[name], now[name]) for name in late}
            assert time.monotonic() - began < patience, f"shown and true: {differences}"
            self.visit.page.wait_for_timeout(50)

    def figures_move(self) -> None:
        """What a bar shows is never older than two seconds."""
        before = {
            job["active_run_id"]: job["progress"]["percent"] for job in self._product.jobs() if job["active_run_id"]
        }
        self.visit.page.wait_for_timeout(2000)
        bars = self.visit.page.evaluate(
            "() => Object.fromEntries([...document.querySelectorAll('#active-jobs li[data-run] progress[value]')]"
            ".map((bar) => [bar.closest('li').dataset.run, bar.value]))"
        )
        late = {
            run: (bars[run], percent)
            for run, percent in before.items()
            if run in bars and bars[run] < (percent or 0) - 0.1
        }
        assert not late, f"bar and true percent two seconds ago: {late}"

    def forget_notes(self) -> None:
        """Notes of the tests themselves are no growth of the page."""
        self.visit.page.evaluate("for (const name of ['watched', 'shifted', 'spoken']) window[name].length = 0")

    def weight(self) -> tuple[int, int, float]:
        """Elements, nodes that the browser holds, MB of its script memory, after a clean-up."""
        self.forget_notes()
        self._channel.send("HeapProfiler.collectGarbage")
        nodes = self._channel.send("Memory.getDOMCounters")["nodes"]
        heap = self._channel.send("Runtime.getHeapUsage")["usedSize"] / 1e6
        return int(self.visit.page.evaluate("document.getElementsByTagName('*').length")), int(nodes), float(heap)
