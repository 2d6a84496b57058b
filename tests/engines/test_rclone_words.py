"""Exit codes, recorded causes, and words."""

import pytest

from engines.base import Purpose
from engines.rclone_output import COMPARED
from engines.rclone_words import VERDICTS, verdict
from models.run import RunState
from tests.engines.rclone_samples import VERSIONS, judged

both_versions = pytest.mark.parametrize("version", VERSIONS)
RECORDED = [
    ("bad_pattern", "one of the patterns", False),
    ("changed_meanwhile", "changed while it was copied", False),
    ("config_locked", "stored password does not open it", False),
    ("config_wrong_password", "stored password does not open it", False),
    ("dest_not_writable", "permission denied", False),
    ("full", "disk at the destination is full", False),
    ("read_only", "read-only", False),
    ("source_missing", "does not exist", False),
    ("unknown_remote", "no remote of this name", False),
    ("unreadable", "permission denied", False),
    ("webdav_refused", "connection to the remote failed", True),
    ("sftp_refused", "connection to the remote failed", True),
    ("sftp_wrong_password", "refused the user", False),
    ("webdav_wrong_dest", "does not exist", False),
]
SAID = [
    ("Failed to copy: googleapi: Error 403: storageQuotaExceeded", "account at the destination is full", False),
    ("Failed to copy: 507 Insufficient Storage", "account at the destination is full", False),
    ("couldn't fetch token - maybe it has expired? - refresh with 'rclone config reconnect x:'", "run out", False),
    ("Failed to copy: googleapi: Error 403: rateLimitExceeded", "fewer requests", True),
    ("Failed to copy: 429 Too Many Requests", "fewer requests", True),
    ("Failed to copy: SlowDown: Please reduce your request rate", "fewer requests", True),
    ("dial tcp: lookup nas.lan: no such host", "could not be looked up", True),
    ("NoSuchBucket: The specified bucket does not exist", "does not exist", False),
    ("corrupted on transfer: md5 hash differ", "arrived damaged", False),
    ("x509: certificate has expired or is not yet valid", "certificate", False),
    ("Couldn't decrypt configuration, most likely wrong password.", "encrypted", False),
]


def test_every_documented_exit_has_a_verdict() -> None:
    assert tuple(VERDICTS) == tuple(range(11))
    assert {code for code, found in VERDICTS.items() if found.state is RunState.DONE} == {0, 9}
    assert {code for code, found in VERDICTS.items() if found.retry} == {5}


@pytest.mark.parametrize("code", [*range(1, 9), 10, 11, 99, 255])
def test_every_other_exit_has_failed_in_words(code: int) -> None:
    found = verdict(code, (), "transfer")
    assert found.state is RunState.FAILED
    assert found.reason.endswith(".")
    assert found.next_step.endswith(".")


@pytest.mark.parametrize("code", [0, 9])
def test_a_good_exit_stays_good_whatever_was_said(code: int) -> None:
    assert verdict(code, ("Failed to copy: connection refused",), "transfer").state is RunState.DONE


@pytest.mark.parametrize(("code", "name"), [(129, "SIGHUP"), (130, "SIGINT"), (143, "SIGTERM")])
def test_a_signal_that_rclone_caught_is_named(code: int, name: str) -> None:
    found = verdict(code, (), "transfer")
    assert (found.state, found.retry) == (RunState.FAILED, False)
    assert name in found.reason


@both_versions
@pytest.mark.parametrize(("case", "words", "retry"), RECORDED)
def test_a_recorded_failure_is_explained(version: str, case: str, words: str, retry: bool) -> None:
    found = judged(version, case)
    assert found.state is RunState.FAILED
    assert words in found.reason
    assert found.retry is retry


@both_versions
def test_a_bucket_that_does_not_answer_is_asked_again(version: str) -> None:
    assert judged(version, "s3_refused").retry


@pytest.mark.parametrize(("line", "words", "retry"), SAID, ids=[words for _, words, _ in SAID])
def test_what_rclone_says_is_explained(line: str, words: str, retry: bool) -> None:
    found = verdict(1, (line,), "transfer")
    assert words in found.reason
    assert (found.state, found.retry) == (RunState.FAILED, retry)
    assert found.next_step


@pytest.mark.parametrize("name", ["connection refused", "a 429 Too Many Requests", 'x" connection refused "y'])
def test_a_file_named_like_a_cause_explains_nothing(name: str) -> None:
    assert verdict(1, (f'"{name}": Failed to copy: something',), "transfer") == VERDICTS[1]


@both_versions
@pytest.mark.parametrize("case", ["verify_same", "verify_different", "verify_unreadable", "verify_missing_dest",
    "webdav_verify", "webdav_download", "hostile_verify", "verify_empty"])  # fmt: skip
def test_a_comparison_that_came_to_its_end_is_done_whatever_it_found(version: str, case: str) -> None:
    assert judged(version, case).state is RunState.DONE


@pytest.mark.parametrize("code", [0, 1])
def test_a_comparison_that_did_not_sum_up_has_failed(code: int) -> None:
    assert verdict(code, (), "verify").state is RunState.FAILED
    lost = verdict(code, ("Failed to check: connection refused",), "verify")
    assert (lost.state, lost.retry) == (RunState.FAILED, True)
    assert verdict(code, (f"{COMPARED}: 3 files are the same on both sides.",), "verify").state is RunState.DONE


@pytest.mark.parametrize("purpose", ["transfer", "preview", "delete"])
def test_only_a_comparison_may_end_with_one(purpose: Purpose) -> None:
    assert verdict(1, (f"{COMPARED}: x.",), purpose).state is RunState.FAILED


@both_versions
@pytest.mark.parametrize("case", ["sftp_delete", "s3_delete"])
def test_files_that_were_kept_are_a_warning(version: str, case: str) -> None:
    assert judged(version, case).state is RunState.DONE_WITH_WARNINGS


def test_a_folder_where_a_file_is_to_go_is_named() -> None:
    found = verdict(1, ('"y": Failed to copy: open /d/y: is a directory',), "transfer")
    assert found.reason == "At the destination a folder has the name of a file."
