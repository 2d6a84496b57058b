"""Evidence on disk before it counts, and what it amounts to in words."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from core.proof import Proof, judged
from engines.base import Verdict
from models.errors import StoreUnavailable
from models.findings import Finding, Verification, What
from models.run import RunState
from storage.findings import FindingsLog, read_findings, verified_names
from tests import build

RUN = build.run()
DONE, WARNED = Verdict(RunState.DONE), Verdict(RunState.DONE_WITH_WARNINGS, "Some files could not be read.")


@pytest.fixture
def log(tmp_path: Path) -> FindingsLog:
    folder = build.data_folder(tmp_path)
    folder.run_folder(RUN.job_id, RUN.id).mkdir(parents=True)
    return FindingsLog(folder, RUN.job_id, RUN.id)


def found(log: FindingsLog, verdict: Verdict = DONE, **numbers: int) -> tuple[Verification, Verdict]:
    """So many files of each kind, compared to the end."""
    proof = Proof(log)
    proof.begin()
    for name, number in numbers.items():
        what = cast("What", name)
        proof.take(Finding(what, b"%s %d" % (name.encode(), count), 10) for count in range(number))
    proof.keep()
    verification = proof.verification("checksum", ended=True, verdict=verdict)
    return verification, judged(verdict, verification, proof)


@pytest.mark.parametrize(
    ("numbers", "verdict", "passed", "state", "reason"),
    [
        ({"verified": 5000}, DONE, True, RunState.DONE, "5,000 files compared, 50.0 kB, all the same. Proven."),
        ({"verified": 1, "attributes": 2}, DONE, True, RunState.DONE,
         "3 files compared, 30 bytes, all the same. Proven. Of 2 files only owner, rights or times differ."),
        ({}, DONE, True, RunState.DONE, "There was no file to compare."),
        ({"verified": 9, "mismatch": 1}, DONE, False, RunState.FAILED,
         "The copy is not proven: 1 file at the destination differs from the source."),
        ({"mismatch": 2, "missing": 3}, DONE, False, RunState.FAILED,
         "The copy is not proven: 2 files at the destination differ from the source, 3 files are missing there."),
        ({"unproven": 3}, DONE, False, RunState.FAILED, "The copy is not proven: 3 files could not be compared."),
        ({"verified": 9, "meanwhile": 1}, DONE, False, RunState.DONE_WITH_WARNINGS,
         "9 files compared, all the same. 1 file changed at the source during the run and is not proven."),
        ({"meanwhile": 2, "missing": 1}, DONE, False, RunState.FAILED,
         "The copy is not proven: 1 file is missing there."),
        ({"verified": 9}, WARNED, False, RunState.FAILED, "The copy is not proven. Some files could not be read."),
    ],
)  # fmt: skip
def test_only_a_whole_comparison_without_a_fault_is_a_proof(
    log: FindingsLog, numbers: dict[str, int], verdict: Verdict, passed: bool, state: RunState, reason: str
) -> None:
    verification, judgement = found(log, verdict, **numbers)
    assert (verification.passed, judgement.state, judgement.reason) == (passed, state, reason)
    assert verification.files_checked == sum(numbers.values())


def test_a_comparison_that_did_not_end_proves_nothing(log: FindingsLog) -> None:
    proof = Proof(log)
    proof.take([Finding("verified", b"a", 1)])
    proof.keep()
    verification = proof.verification("checksum", ended=False)
    assert (verification.passed, verification.files_checked) == (None, 1)


def test_a_tool_that_failed_keeps_its_own_words(log: FindingsLog) -> None:
    failed = Verdict(RunState.FAILED, "The link broke.", retry=True)
    assert found(log, failed, mismatch=1)[1] == failed


def test_a_million_findings_pass_through_in_pieces(log: FindingsLog) -> None:
    waiting: list[int] = []

    def many() -> Iterator[Finding]:
        for number in range(50_000):
            waiting.append(len(log._names))
            yield Finding("verified", b"%d" % number, 1)

    proof = Proof(log)
    proof.take(many())
    proof.keep()
    assert max(waiting) < 3000, "all of them were in memory at once"
    assert sum(1 for _ in verified_names(log.verified)) == proof.count("verified") == 50_000


def test_findings_are_on_disk_before_they_count(log: FindingsLog) -> None:
    proof = Proof(log)
    proof.take([Finding("verified", b"a", 1)])
    log.verified.mkdir()
    with pytest.raises(StoreUnavailable):
        proof.keep()
    assert proof.count("verified") == 0


def test_a_new_try_begins_without_findings(log: FindingsLog, tmp_path: Path) -> None:
    proof = Proof(log)
    proof.take([Finding("verified", b"a", 1), Finding("mismatch", os.fsencode("b"), 1)])
    proof.keep()
    proof.take([Finding("verified", b"waits", 1)])
    proof.begin()
    proof.keep()
    assert proof.tallies == ()
    assert not log.verified.exists()
    assert read_findings(build.data_folder(tmp_path), RUN.job_id, RUN.id).total == 0
