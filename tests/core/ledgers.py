"""What the ledger of runs holds, for tests; the ids of runs."""

from core.run_block import unpacked
from storage.data_folder import DataFolder
from storage.run_ledger import RunLedger


def packed_ids(folder: DataFolder) -> list[str]:
    block, _ = RunLedger(folder).read()
    return unpacked(block).ids if block else []


def loose_ids(folder: DataFolder) -> list[str]:
    """Those in the lines after the block."""
    return [line.run_id for line in RunLedger(folder).read()[1]]
