"""Markup that runs a script in a careless page, and a place for each piece of it; it judges nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from models.findings import Finding, Tally
from models.job import Job, JobSettings
from models.run import Outcome, RunState
from storage.data_folder import DataFolder
from storage.findings import FindingsLog
from storage.log_store import RunLog
from storage.run_store import RunStore
from tests import build
from tests.security.payloads import by_hand, document
from utils.clock import utc_text
from utils.ids import new_run_id

RUN = "window.pwned=1"
MARKUP = (
    f"<script>{RUN}</script>",
    f"<SCRIPT>{RUN}</SCRIPT>",
    f"<script >{RUN}</script >",
    f"<scr<script>ipt>{RUN}</script>",
    f"<script/x>{RUN}</script>",
    f"<script\t>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"<script>{RUN}//",
    f"<img src=x onerror={RUN}>",
    f"<IMG SRC=x ONERROR={RUN}>",
    f"<img src=x onerror='{RUN}'>",
    f'<img src=x onerror="{RUN}">',
    f"<img/src=x/onerror={RUN}>",
    f"<img src=x\tonerror={RUN}>",
    f"<img src onerror={RUN}>",
    f"<image src=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg/onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<svg><set onbegin={RUN} attributename=x>",
    f"<body onload={RUN}>",
    f"<body onpageshow={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<select autofocus onfocus={RUN}>",
    f"<textarea autofocus onfocus={RUN}>",
    f"<details open ontoggle={RUN}>",
    f"<video src=x onerror={RUN}></video>",
    f"<video><source onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<iframe src='javascript:parent.pwned=1'></iframe>",
    f"<iframe onload={RUN}></iframe>",
    f"<object data='javascript:{RUN}'></object>",
    f"<embed src='javascript:{RUN}'>",
    f"<object data=x onerror={RUN}></object>",
    f"<marquee onstart={RUN}>x</marquee>",
    f"<style onload={RUN}></style>",
    f"<style>@import 'x';</style><link rel=stylesheet href=data:text/css, onload={RUN}>",
    f"<link rel=stylesheet href=x onerror={RUN}>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    f"<base href='javascript:{RUN}//'>",
    f"<form action='javascript:{RUN}'><input type=submit autofocus></form>",
    f"<a href='javascript:{RUN}' autofocus>x</a>",
    f"<math><mtext><img src=x onerror={RUN}></mtext></math>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    f"<template><script>{RUN}</script></template>",
    f'"><script>{RUN}</script>',
    f"'><script>{RUN}</script>",
    f'" onerror={RUN} src=x x="',
    f'" autofocus onfocus={RUN} x="',
    f"' autofocus onfocus={RUN} x='",
    f"--><script>{RUN}</script><!--",
    f"]]><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>",
    f"</option></select><img src=x onerror={RUN}>",
    f"</style><script>{RUN}</script>",
    f"<div hx-on:load={RUN}>",
    f"<div hx-trigger=load hx-get='x' hx-on::load={RUN}>",
    "{{ 7*7 }}{{ config }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"javascript:{RUN}",
    f"data:text/html,<script>{RUN}</script>",
)
FIELDS = ("name", "type", "source", "dest")


def furnish(root: Path) -> dict[str, str]:
    """A data folder with a job for every piece and a run that failed with it; the runs' ids by those of the jobs."""
    folder = DataFolder(root)
    folder.prepare()
    jobs = [_job(number, text) for number, text in enumerate(MARKUP)]
    folder.jobs_file.write_text("jobs:\n" + "".join(map(by_hand, map(_written, jobs))))
    runs = RunStore(folder)
    return {job.id: _run(folder, runs, job, MARKUP if number == 0 else (job.name,)) for number, job in enumerate(jobs)}


def _job(number: int, text: str) -> Job:
    path = text.replace("/", "_")[:200]
    settings = JobSettings(tags=(text[:50],), exclude=(text,), include=(text,))
    return build.job(name=text, source=f"/srv/{path}/", dest=f"/srv/{number}/{path}", settings=settings)


def _written(job: Job) -> dict[str, Any]:
    settings = {name: list(getattr(job.settings, name)) for name in ("tags", "exclude", "include")}
    return document(job.id, {name: getattr(job, name) for name in FIELDS} | {"settings": settings})


def _run(folder: DataFolder, runs: RunStore, job: Job, texts: tuple[str, ...]) -> str:
    """Ended, with these texts in its log and as names of files."""
    begin = datetime.now(UTC) - timedelta(minutes=5)
    text = texts[-1]
    run = build.run(
        id=new_run_id(begin), job_id=job.id, job_name=job.name, source=job.source, dest=job.dest,
        state=RunState.FAILED, created_at=utc_text(begin), started_at=utc_text(begin), ended_at=utc_text(begin),
        note=text, outcome=Outcome(text, text, 23, None, texts[:20], len(texts)),
        tallies=(Tally("unproven", len(texts), 0), Tally("failed", len(texts), 0)),
    )  # fmt: skip
    runs.create(run, {})
    log, found = RunLog(folder, run.engine, run.job_id, run.id), FindingsLog(folder, run.job_id, run.id)
    for text in texts:
        log.write(begin, "error", text)
        found.add((Finding("unproven", text.encode(), None), Finding("failed", text.encode(), None)))
    log.flush()
    found.flush()
    runs.finish(run)
    return run.id
