"""The process of one run: gets a spec, carries it out, records the facts; it outlives the web server.

Standard library only, so that it starts in well under 100 ms and 20 MB.
"""

import os
import sys
from pathlib import Path

from core.orders import Orders
from core.plan import Plan
from core.process import raise_file_limit, reset_signals
from core.process_facts import identity
from models.run import Run, RunState
from storage.data_folder import DataFolder
from storage.run_store import RunStore
from utils.clock import SystemClock, utc_text


def main(run_folder: Path) -> int:
    """Carry out the run in `run_folder`; 75 if another supervisor has it or it has left the queue."""
    reset_signals()
    raise_file_limit()
    umask = os.umask(0o077)
    job_id, run_id = run_folder.parent.name, run_folder.name
    folder = DataFolder(run_folder.parents[2])
    store = RunStore(folder)
    lock = store.lock(job_id, run_id)
    if lock is None:
        return 75
    try:
        run = store.read(job_id, run_id)
        if run.has_started or not run.is_active:
            return 75
        plan = Plan.from_json(store.spec(job_id, run_id))
        orders = Orders(lambda: store.requested(job_id, run_id))
        begun = _begun(store, run)
        from core.supervision import Supervision  # late: loading it takes as long as all that comes before

        Supervision(folder, store, begun, plan, orders, SystemClock(), umask).carry_out()
        return 0
    finally:
        lock.release()


def _begun(store: RunStore, run: Run) -> Run:
    """The run in its first state, durable: a tool must not run without a record of it. `StoreUnavailable`.

    From here on others know whom to signal, so signals have to be heard already.
    """
    own = identity(os.getpid())
    begun = run.moved(RunState.STARTING, utc_text(SystemClock().now()), note="", seq=run.seq + 1, supervisor=own)
    store.write(begun)
    return begun


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
