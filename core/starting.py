"""From "start this job" to an admitted run: every reason to refuse, then the plan; carries nothing out."""

import os
from collections.abc import Callable
from typing import Any

from core import deletion_wish, guard
from core.admission import Admission
from core.carrying_on import carrying_on, knowing
from core.definitions import Definitions
from core.foreign import ForeignRuns, explains_running
from core.host_keys import HostKeys
from core.left_out import completed, selected_names
from core.log_keeper import log_limits
from core.plan import Plan
from core.queries import standing_problem
from core.tools import Tools
from core.turnaround import WayBack, turned, way_back, wish_to_json
from engines.base import Location, Step, Tool
from engines.registry import engine
from models.errors import CannotStart, HostKeyUnknown, InvalidInput, JobBusy
from models.job import Job
from models.request import Request
from models.run import Run, RunState
from models.settings import Config
from storage.data_folder import DataFolder
from storage.run_store import RunStore
from storage.settings_store import SettingsStore
from utils.clock import Clock, utc_text
from utils.ids import new_run_id

Offload = Callable[..., Any]
_MANY_FILES = 1_000_000


class Starting:
    """Builds runs. One per process."""

    def __init__(
        self,
        folder: DataFolder,
        runs: RunStore,
        settings: SettingsStore,
        config: Callable[[], Config],
        tools: Tools,
        host_keys: HostKeys,
        definitions: Definitions,
        foreign: ForeignRuns,
        admission: Admission,
        offload: Offload,
        clock: Clock,
    ) -> None:
        self._folder, self._runs, self._settings, self._config = folder, runs, settings, config
        self._tools, self._host_keys, self._definitions = tools, host_keys, definitions
        self._foreign = foreign
        self._admission, self._offload, self._clock = admission, offload, clock

    def start(self, job: Job, request: Request) -> Run:
        """Admit a run of the job; `CannotStart` and its kin where it must not begin."""
        run_id = request.run_id or new_run_id(self._clock.now())
        way = self._offload(way_back, job) if request.restore else None
        work = turned(job, way, self._target(job, request, run_id)) if way else job
        tool = self._refuse_definition(work, request)
        self._refuse_foreign(job)
        source, dest = engine(job.type).locations(work)
        self._refuse_unknown_hosts(job, source, dest)
        self._offload(self._refuse_places, job, source, dest, request)
        previous = self._previous(job.id)
        before = self._former(job, request) or completed(self._runs, previous)
        run = self._new_run(work, request, before)._replace(id=run_id)
        plan = self._plan(work, run, tool, previous, request)
        if way:
            is_selected = request.kind == "rehearsal" or bool(_names(request, way))
            selection = str(self._folder.run_folder(job.id, run.id) / "selection") if is_selected else ""
            plan = _on_the_way_back(plan, way, previous, selection)._replace(began_at=self._began_at(job, request))
        if request.retry:
            run = run._replace(retries=request.retry.retries, settles=request.retry.settles)
            plan = plan._replace(selection=str(self._folder.run_folder(job.id, run.id) / "selection"))
        return self._admission.admit(run, plan.to_json(), self._files(work, plan, request, way))

    def _target(self, job: Job, request: Request, run_id: str) -> str:
        if request.kind == "rehearsal":
            return str(self._folder.scratch_folder(job.id, run_id))
        return request.restore.target if request.restore else ""

    def _files(self, job: Job, plan: Plan, request: Request, way: WayBack | None) -> dict[str, bytes]:
        """What the run's folder holds besides spec and record, by name."""
        files = {}
        if plan.password_file:
            files["password"] = self._definitions.secret(job).encode() + b"\n"
        if request.restore and way:
            files["wish.json"] = wish_to_json(request.restore)
            files["selection"] = b"".join(name + b"\0" for name in _names(request, way))
        if request.retry:
            files["selection"] = selected_names(job, request.retry)
        return files

    def _former(self, job: Job, request: Request) -> Run | None:
        """The stopped restore that this one carries on."""
        return self._runs.read(job.id, request.carries_on) if request.carries_on else None

    def _began_at(self, job: Job, request: Request) -> str:
        """When the restore was first asked for that this one carries on, maybe over several runs."""
        if not request.carries_on:
            return ""
        former = Plan.from_json(self._runs.spec(job.id, request.carries_on))
        return former.began_at or self._runs.read(job.id, request.carries_on).created_at

    def _previous(self, job_id: str) -> Run | None:
        """The job's last backup; it may have ended so lately that its history does not hold it yet."""
        marked = [self._runs.read(*pair) for pair in self._runs.active() if pair[0] == job_id]
        ended = [run for run in marked if not run.is_active and run.kind == "backup"]
        return ended[-1] if ended else self._runs.last(job_id, "backup")

    def _refuse_definition(self, job: Job, request: Request) -> Tool:
        if not job.settings.enabled and request.kind in ("backup", "retry"):
            raise CannotStart("This job is disabled. Enable it, then start it.")
        if sentence := standing_problem(job):
            raise CannotStart(sentence)
        state = self._tools.state(job.type)
        if state.tool is None:
            raise CannotStart(state.sentence)
        problems = engine(job.type).problems(job, state.tool) or self._definitions.remote_problems(job)
        if problems:
            raise CannotStart(next(iter(problems.values())), problems)
        return state.tool

    def _refuse_foreign(self, job: Job) -> None:
        if job.status != "running" or any(job_id == job.id for job_id, _ in self._runs.active()):
            return
        if not explains_running(job, self._runs.last(job.id, "backup")) and self._foreign.doubt(job) == "foreign":
            raise JobBusy("Another program seems to run this job now. Wait for its end, or stop it there.")

    def _refuse_unknown_hosts(self, job: Job, *sides: Location) -> None:
        for side in sides:
            if side.kind == "ssh" and not self._host_keys.known(side.host, job.settings.ssh.port):
                raise HostKeyUnknown(
                    f"The key of {side.host} has not been accepted yet. "
                    "Compare its fingerprint and accept it, then start again."
                )

    def _refuse_places(self, job: Job, source: Location, dest: Location, request: Request) -> None:
        identity_file = self._folder.identity_file(job.id)
        if request.restore and not request.accept_identity:
            is_in_place = request.kind != "rehearsal" and not request.restore.target
            guard.check_copy(identity_file, *engine(job.type).locations(job), is_in_place=is_in_place)
        if not request.restore:
            if request.accept_identity:
                identity_file.unlink(missing_ok=True)
            guard.check_identities(identity_file, source, dest)
        guard.refuse_problems(source, dest)
        if request.kind == "backup":
            deletion_wish.refuse_overlap(job, source, dest)

    def _new_run(self, job: Job, request: Request, previous: Run | None) -> Run:
        now = self._clock.now()
        run = Run(
            id=new_run_id(now),
            job_id=job.id,
            state=RunState.QUEUED,
            created_at=utc_text(now),
            kind=request.kind,
            is_way_back=request.restore is not None,
            trigger=request.trigger,
            job_name=job.name,
            engine=job.type,
            source=job.source,
            dest=job.dest,
            deletion=deletion_wish.wished(job, request.kind),
            status_before=job.status if job.status != "running" else "pending",
        )
        if request.kind == "verify":
            return knowing(run, previous)
        return carrying_on(run, previous) if request.kind == "backup" or request.carries_on else run

    def _plan(self, job: Job, run: Run, tool: Tool, previous: Run | None, request: Request) -> Plan:
        settings, wanted = self._settings.load(), job.settings
        sides = engine(job.type).locations(job)
        place = self._folder.run_folder(job.id, run.id)
        limit = wanted.bandwidth_limit
        retries = wanted.max_retries
        return Plan(
            job=job,
            tool=tool,
            bandwidth_limit=settings.default_bandwidth_limit if limit is None else limit,
            tries=max(1, settings.max_retry_attempts if retries is None else retries),
            stall_seconds=wanted.stall_minutes * 60,
            nice=self._config().nice,
            known_hosts=str(self._folder.known_hosts),
            password_file=str(place / "password") if self._definitions.secret(job) else "",
            kind=request.kind,
            verify=_verification(wanted.verify or settings.verification_mode, request),
            deletion_mode=deletion_wish.mode(run.deletion),
            overwrite=bool(request.restore and request.restore.overwrite),
            config_file=self._config().rclone_config,
            network_seconds=settings.network_check_interval,
            logs=log_limits(self._config()),
            exact_times=self._offload(guard.exact_times, *sides),
            large_tree=bool(previous and (previous.statistics.files_seen or 0) > _MANY_FILES),
        )

    def command(self, job: Job, password_file: str = "") -> tuple[Step, ...]:  # nosec B107 # a path, not a password
        """The programs that the next start would run; `InvalidInput` where none can be built.

        `password_file` is named in the place of the file that a run would have, if it has one.
        """
        tool = self._tools.state(job.type).tool or Tool(engine(job.type).program, (3, 4, 3))
        chosen = engine(job.type)
        if problems := chosen.problems(job, tool):
            raise InvalidInput(problems)
        run = self._new_run(job, Request(), None)
        plan = self._plan(job, run, tool, self._runs.last(job.id, "backup"), Request())
        if plan.password_file and password_file:
            plan = plan._replace(password_file=password_file)
        return chosen.steps(job, plan.context(False, os.geteuid() == 0))


def _names(request: Request, way: WayBack) -> tuple[bytes, ...]:
    """The names to deal with (none = everything)."""
    chosen = request.restore.names if request.restore else ()
    return chosen or tuple(filter(None, [way.only]))


def _on_the_way_back(plan: Plan, way: WayBack, previous: Run | None, selection: str) -> Plan:
    """A preview of a restore shows what replacing would replace, whatever is wished in the end."""
    return plan._replace(
        original=way.original,
        backup_at=previous.started_at if previous and previous.is_good else "",
        selection=selection,
        overwrite=plan.overwrite or plan.kind == "preview",
    )


def _verification(mode: str, request: Request) -> str:
    """A restore is always compared behind the copying."""
    return "verify_after" if request.kind in ("restore", "rehearsal") else mode
