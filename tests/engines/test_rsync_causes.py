"""A cause is taken from the output only where it fits the exit."""

import pytest

from engines.causes import find_cause
from engines.rsync_causes import CAUSES

UNREADABLE = 'rsync: [sender] send_files failed to open "/s/x": Permission denied (13)'
FULL = 'rsync: [receiver] write failed on "/d/x": No space left on device (28)'


@pytest.mark.parametrize("code", [10, 12, 20, 25, 30, 35, 255])
def test_an_unreadable_file_does_not_explain_a_broken_link(code: int) -> None:
    assert find_cause(CAUSES, code, (UNREADABLE,)) is None


@pytest.mark.parametrize("code", [0, 16, 19, 20, 21, 25, 77])
def test_an_exit_that_says_it_all_is_left_alone(code: int) -> None:
    assert find_cause(CAUSES, code, (FULL, "Host key verification failed.")) is None


def test_a_file_that_is_called_like_an_error_explains_nothing() -> None:
    line = 'rsync: [sender] send_files failed to open "/s/Host key verification failed": Permission denied (13)'
    assert find_cause(CAUSES, 255, (line,)) is None


def test_the_more_telling_cause_wins() -> None:
    found = find_cause(CAUSES, 23, (UNREADABLE, FULL))
    assert found is not None
    assert found.reason == "The destination is full."


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        (255, "ssh: connect to host nas port 22: No route to host", "cannot be reached"),
        (255, "ssh: connect to host nas port 22: Connection timed out", "did not answer in time"),
        (255, 'Load key "/keys/backup": error in libcrypto', "private key's file"),
        (14, "rsync: [sender] Failed to exec ssh: No such file or directory (2)", "ssh is not installed"),
        (127, "sh: 1: rsync: not found", "not installed on the other host"),
        (23, "could not make way for new regular file: a", "something else has the name of a file"),
        (2, "protocol version mismatch -- is your shell clean?", "printed text of its own"),
        (4, "ACLs are not supported on this server", "ACLs cannot be kept"),
        (11, 'rsync: [Receiver] mkdir "/a/b/c" failed: No such file or directory (2)', "folders above the destination"),
        (11, 'rsync: [receiver] write failed on "/d/x": Disk quota exceeded (122)', "quota"),
        (11, 'rsync: [receiver] write failed on "/d/x": File too large (27)', "larger than"),
        (23, 'rsync: [sender] read errors mapping "/s/x": Input/output error (5)', "reported errors"),
        (23, 'rsync: [generator] chown "/d/x" failed: Operation not permitted (1)', "Owners, rights or times"),
        (23, 'rsync: [receiver] mkstemp "/d/.x.AbC123" failed: File name too long (36)', "names are not possible"),
        (23, "ERROR: x failed verification -- update discarded.", "changed while"),
        (20, "rsync: [sender] read error: Connection reset by peer (104)", "on the other host was stopped"),
        (1, "The server is configured to refuse --compress (-z)", "refuses an option"),
    ],
)
def test_a_line_is_explained(code: int, line: str, words: str) -> None:
    found = find_cause(CAUSES, code, (line,))
    assert found is not None
    assert words in found.reason
    assert found.next_step.endswith(".")
