"""One folder of a copy, as `lsf` prints it."""

import pytest

from engines.base import Entry
from engines.rclone_listing import read_listing


def test_files_and_folders_are_told_apart() -> None:
    printed = (
        "2026-11-21 11:39:31|13|plain\n"
        "2026-11-21 11:39:31|-1|a folder/\n"
        "2026-11-21 11:39:31|-1|no size\n"
        "2026-11-21 11:39:31|1|new␊line|x\n"
    ).encode()
    at = "2026-11-21T11:39:31Z"
    assert read_listing(printed + b"2026-11-21 11:39:31|2|bad\xff\n") == (
        Entry(b"plain", False, 13, at),
        Entry(b"a folder", True, None, at),
        Entry(b"no size", False, None, at),
        Entry(b"new\nline|x", False, 1, at),
        Entry(b"bad\xff", False, 2, at),
    )


def test_what_rclone_logs_beside_the_list_is_no_name() -> None:
    logged = b'{"level":"notice","msg":"x"}\n2026/11/21 11:39:31 NOTICE: sf: No host key validation\n'
    assert read_listing(logged) == ()


def test_anything_else_is_refused() -> None:
    with pytest.raises(ValueError, match="not a line of a listing"):
        read_listing(b"Usage:\n")
