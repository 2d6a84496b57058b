"""Builds the parts and joins them, once per process; there are no globals."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from core.admission import Admission
from core.asking import Asking
from core.audit import Audit
from core.bulk import Bulk
from core.bus import EventBus
from core.catching import Catching
from core.chores import Chores
from core.config_changes import ConfigChanges
from core.copies import Copies
from core.definitions import Definitions
from core.dispatch import LocalDispatcher
from core.drafts import Drafts
from core.ejecting import Ejecting
from core.foreign import ForeignRuns
from core.host_keys import HostKeys
from core.imports import Imports
from core.job_uses import JobUses
from core.known_hosts import KnownHosts
from core.legacy import LegacyFigures, LegacyWishes
from core.log_keeper import LogKeeper
from core.log_reading import LogReading
from core.manager import JobManager
from core.overview import Overview
from core.places import Places
from core.queries import Queries
from core.recoverables import Recoverables
from core.recovery import Recovery
from core.remote_changes import RemoteChanges
from core.remote_places import RemotePlaces
from core.remotes import Remotes
from core.restoring import Restores
from core.retries import Retries
from core.run_index import RunIndex
from core.space import Space
from core.ssh_keys import SshKeys
from core.ssh_program import SshProgram
from core.start_once import StartOnce
from core.starting import Starting
from core.templates import Templates
from core.tools import Tools
from core.upkeep import Upkeep
from core.watcher import Watcher
from models.settings import Config
from storage.config_store import ConfigStore
from storage.data_folder import DataFolder
from storage.job_store import JobStore
from storage.log_store import LogStore
from storage.run_store import RunStore
from storage.secret_store import SecretStore
from storage.settings_store import SettingsStore
from storage.start_keys import StartKeys
from storage.template_store import TemplateStore
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
    overview: Overview
    bus: EventBus
    watcher: Watcher
    jobs: JobStore
    runs: RunStore
    logs: LogStore
    settings: SettingsStore
    configs: ConfigStore
    config_changes: ConfigChanges
    uses: JobUses
    ssh: SshProgram
    ssh_keys: SshKeys
    known_hosts: KnownHosts
    space: Space
    tools: Tools
    host_keys: HostKeys
    chores: Chores
    remotes: Remotes
    remote_changes: RemoteChanges
    places: Places
    remote_places: RemotePlaces
    drafts: Drafts
    log_reading: LogReading
    upkeep: Upkeep
    bulk: Bulk
    templates: Templates
    start_once: StartOnce
    imports: Imports
    ejecting: Ejecting
    audit: Audit


def _config(configs: ConfigStore, remotes: Remotes) -> Config:
    """With the place of rclone.conf, so that a tool with a scrubbed environment finds the same remotes."""
    return replace(configs.load(), rclone_config=str(remotes.file))


def _keeping(
    folder: DataFolder,
    manager: JobManager,
    upkeep: Upkeep,
    jobs: JobStore,
    runs: RunStore,
    definitions: Definitions,
    clock: Clock,
) -> tuple[Upkeep, Bulk, Templates, StartOnce]:
    """The parts of the list of jobs: small changes, many at once, templates; and starts that are asked for twice."""
    once = StartOnce(StartKeys(folder, clock), jobs, runs, manager.start, clock)
    return upkeep, Bulk(jobs, manager, upkeep, clock), Templates(TemplateStore(folder), jobs, definitions), once


def _choosing(
    configs: ConfigStore, asking: Asking, definitions: Definitions, starting: Starting, remotes: Remotes
) -> tuple[Places, RemotePlaces, Drafts]:  # fmt: skip
    """The parts of the job form that is being filled in."""
    places = Places(lambda: configs.load().browse_roots, asking.folder.root)
    drafts = Drafts(definitions, starting, asking.tools, places, Catching(asking, places))
    return places, RemotePlaces(remotes, asking), drafts


def build_container(data_folder: Path, offload: Offload = directly, clock: Clock | None = None) -> Container:
    """Prepare the data folder and join the parts. `StoreUnavailable` where the folder will not do."""
    clock, folder = clock or SystemClock(), DataFolder(data_folder)
    folder.prepare()
    jobs, runs, logs = JobStore(folder, clock), RunStore(folder), LogStore(folder)
    settings, configs = SettingsStore(folder), ConfigStore(folder)
    tools, host_keys, secrets = Tools(configs.load), HostKeys(folder.known_hosts, clock), SecretStore(folder)
    remotes = Remotes(configs.load, tools, secrets, host_keys)
    config = partial(_config, configs, remotes)
    bus, index, foreign, audit = EventBus(), RunIndex(runs, clock), ForeignRuns(clock), Audit(folder, clock)
    bus.subscribe(index.hear)
    watcher, dispatcher = Watcher(folder, runs, jobs, logs, bus, clock), LocalDispatcher(folder, runs)
    admission, recovery = Admission(folder, runs, jobs, dispatcher, clock), Recovery(runs, jobs, clock)
    definitions = Definitions(jobs, secrets, tools, host_keys, remotes, offload, clock)
    starting = Starting(
        folder, runs, settings, config, tools, host_keys, definitions, foreign, admission, offload, clock
    )
    copies = Copies(folder, config, tools, host_keys, definitions, offload)
    restores = Restores(folder, jobs, runs, copies, starting, watcher.notice, clock)
    recoverables = Recoverables(folder, jobs, index, foreign, clock)
    manager = JobManager(
        jobs, runs, logs, host_keys, definitions, starting, recoverables, admission, dispatcher,
        watcher, index, restores, Retries(folder, jobs, runs, starting, watcher.notice),
    )  # fmt: skip
    queries = Queries(jobs, index, foreign, watcher.active, clock)
    bus.subscribe(queries.hear)
    chores = Chores(recovery, admission, dispatcher, manager, settings, index, jobs, clock, audit.by_itself)
    wishes = LegacyWishes(jobs, runs, admission, dispatcher, definitions, clock)
    figures = LegacyFigures(folder, jobs, runs, admission, clock)
    keeper, space = LogKeeper(folder, configs, jobs, clock), Space(folder, clock)
    watcher.chores += [settings.load, wishes.look, chores.do, figures.look, keeper.look, space.look]
    asking = Asking(folder, config, tools, host_keys, definitions)
    places, remote_places, drafts = _choosing(configs, asking, definitions, starting, remotes)
    return Container(
        folder, manager, queries, Overview(queries), bus, watcher, jobs, runs, logs, settings, configs,
        ConfigChanges(configs, tools, offload), JobUses(jobs), SshProgram(), SshKeys(folder),
        KnownHosts(folder.known_hosts), space, tools, host_keys, chores, remotes, RemoteChanges(folder, remotes, jobs),
        places, remote_places, drafts, LogReading(folder, clock),
        *_keeping(folder, manager, Upkeep(jobs, definitions, admission, watcher), jobs, runs, definitions, clock),
        Imports(jobs, definitions, drafts, watcher, clock), Ejecting(folder, jobs, starting), audit,
    )  # fmt: skip
