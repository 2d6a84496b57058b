"""Builds the parts and joins them, once per process; there are no globals."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.admission import Admission
from core.bus import EventBus
from core.chores import Chores
from core.copies import Copies
from core.definitions import Definitions
from core.dispatch import LocalDispatcher
from core.foreign import ForeignRuns
from core.host_keys import HostKeys
from core.legacy import LegacyFigures, LegacyWishes
from core.log_keeper import LogKeeper
from core.manager import JobManager
from core.queries import Queries
from core.recoverables import Recoverables
from core.recovery import Recovery
from core.remote_changes import RemoteChanges
from core.remotes import Remotes
from core.restoring import Restores
from core.run_index import RunIndex
from core.starting import Starting
from core.tools import Tools
from core.watcher import Watcher
from storage.config_store import ConfigStore
from storage.data_folder import DataFolder
from storage.job_store import JobStore
from storage.log_store import LogStore
from storage.run_store import RunStore
from storage.secret_store import SecretStore
from storage.settings_store import SettingsStore
from utils.clock import Clock, SystemClock

Offload = Callable[..., Any]


def directly(work: Callable[..., Any], *arguments: Any) -> Any:
    """The plain way to do what may block; under green threads the web process passes a better one."""
    return work(*arguments)


@dataclass(frozen=True)
class Container:
    """Everything a process of ours works with."""

    folder: DataFolder
    manager: JobManager
    queries: Queries
    bus: EventBus
    watcher: Watcher
    jobs: JobStore
    runs: RunStore
    logs: LogStore
    settings: SettingsStore
    tools: Tools
    host_keys: HostKeys
    chores: Chores
    remotes: Remotes
    remote_changes: RemoteChanges


def build_container(data_folder: Path, offload: Offload = directly, clock: Clock | None = None) -> Container:
    """Prepare the data folder and join the parts. `StoreUnavailable` where the folder will not do."""
    clock = clock or SystemClock()
    folder = DataFolder(data_folder)
    folder.prepare()
    jobs, runs, logs = JobStore(folder, clock), RunStore(folder), LogStore(folder)
    settings, config = SettingsStore(folder), ConfigStore(folder).load()
    tools, host_keys = Tools(config), HostKeys(folder.known_hosts)
    secrets = SecretStore(folder)
    remotes = Remotes(config, tools, secrets, host_keys)
    config = replace(config, rclone_config=str(remotes.file))  # a tool with a scrubbed environment finds the same
    bus, index, foreign = EventBus(), RunIndex(runs, clock), ForeignRuns(clock)
    bus.subscribe(index.hear)
    watcher = Watcher(folder, runs, jobs, logs, bus, clock)
    dispatcher = LocalDispatcher(folder, runs)
    admission = Admission(folder, runs, jobs, dispatcher, clock)
    definitions = Definitions(jobs, secrets, tools, host_keys, remotes, offload, clock)
    starting = Starting(
        folder, runs, settings, config, tools, host_keys, definitions, foreign, admission, offload, clock
    )
    copies = Copies(folder, config, tools, host_keys, definitions, offload)
    restores = Restores(folder, jobs, runs, copies, starting, watcher.notice, clock)
    recoverables = Recoverables(folder, jobs, index, foreign)
    manager = JobManager(
        jobs, runs, logs, host_keys, definitions, starting, recoverables, admission, dispatcher,
        watcher, index, restores,
    )  # fmt: skip
    queries = Queries(jobs, index, foreign, watcher.active)
    bus.subscribe(queries.hear)
    chores = Chores(Recovery(runs, jobs, clock), admission, dispatcher, manager, settings, index, jobs)
    wishes = LegacyWishes(jobs, runs, admission, dispatcher, definitions, clock)
    figures = LegacyFigures(folder, jobs, runs, admission, clock)
    watcher.chores += [settings.load, wishes.look, chores.do, figures.look, LogKeeper(folder, config, jobs, clock).look]
    return Container(
        folder, manager, queries, bus, watcher, jobs, runs, logs, settings, tools, host_keys, chores, remotes,
        RemoteChanges(folder, remotes, jobs),
    )  # fmt: skip
