"""Short questions to a tool about places of a job that is not running: context, secret, accepted host; no verdicts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core import guard
from core.copies import kept_secret
from core.definitions import Definitions
from core.host_keys import HostKeys
from core.process import Captured, capture
from core.tools import Tools
from engines.base import Context, Location, Step
from models.errors import CannotStart, HostKeyUnknown
from models.job import Job
from models.settings import Config
from storage.data_folder import DataFolder

MOST_BYTES = 8 << 20  # of a list that is made for one page: a folder may hold millions of names


class Asking:
    """One per process."""

    def __init__(
        self,
        folder: DataFolder,
        config: Callable[[], Config],
        tools: Tools,
        host_keys: HostKeys,
        definitions: Definitions,
    ) -> None:
        self.folder, self._config, self.tools = folder, config, tools
        self._host_keys, self._definitions = host_keys, definitions

    @contextmanager
    def context(self, job: Job, *sides: Location) -> Iterator[Context]:
        """What the tool needs to ask these sides; `CannotStart` without a tool, `HostKeyUnknown`."""
        state = self.tools.state(job.type)
        if state.tool is None:
            raise CannotStart(state.sentence)
        for side in sides:
            self._refuse_unknown_host(job, side)
        with kept_secret(self.folder.root, self._definitions.secret(job)) as password_file:
            yield Context(
                tool=state.tool,
                known_hosts=str(self.folder.known_hosts),
                password_file=password_file,
                as_root=guard.as_root(),
                config_file=self._config().rclone_config,
            )

    def _refuse_unknown_host(self, job: Job, side: Location) -> None:
        if side.kind == "ssh" and not self._host_keys.known(side.host, job.settings.ssh.port):
            raise HostKeyUnknown(
                f"The key of {side.host} has not been accepted yet. Save the job and press Start: it asks you."
            )


def answer(step: Step, seconds: float) -> Captured:
    """What the tool says, up to a limit; `CannotStart` where it cannot be run."""
    try:
        return capture(step.argv, step.environment, seconds, apart=True, most=MOST_BYTES)
    except OSError as error:
        reason = (error.strerror or "unknown cause").lower()
        raise CannotStart(f"{step.argv[0]} could not be started: {reason}.") from error
