"""The reader on recorded output of real versions, on hostile bytes and on made-up runs."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.rsync_output import RsyncReader
from models.progress import Progress
from tests.engines import samples
from tests.engines.samples import read, recorded
from utils.text import HOSTILE

FAILED_BEFORE_THE_END = {"full", "stopped"}
SILENT = {case for case in samples.CASES if case.startswith(("daemon_", "ssh_"))} - {
    "daemon_push",
    "ssh_push",
    "ssh_pull",
}
SILENT |= {"dest_is_a_file", "dest_not_creatable", "usage"}


def line(transferred: int, percent: int, rate: str = "10.00MB/s", chk: str = "") -> bytes:
    return f"{transferred:15} {percent:3}% {rate:>12}    0:00:10{chk}".encode()


def chk(files: int, left: int, entries: int, kind: str = "to") -> str:
    return f" (xfr#{files}, {kind}-chk={left}/{entries})"


def fed(reader: RsyncReader, *texts: bytes) -> Progress:
    """The figures after the last of these lines."""
    found = [reader.progress(text) for text in texts]
    assert found[-1] is not None
    return found[-1]


def is_monotone(figures: tuple[Progress, ...]) -> bool:
    return all(
        later.bytes_transferred >= earlier.bytes_transferred
        and later.files_done >= earlier.files_done
        and (later.percent or 0) >= (earlier.percent or 0)
        for earlier, later in pairwise(figures)
    )


@pytest.mark.parametrize("version", samples.VERSIONS)
@pytest.mark.parametrize("case", samples.CASES)
def test_figures_of_a_recorded_run_never_fall_and_never_claim_the_end(version: str, case: str) -> None:
    reading = read(recorded(version, case))
    assert bool(reading.figures) is (case not in SILENT)
    assert is_monotone(reading.figures)
    assert all(figure.percent is None or 0 <= figure.percent < 100 for figure in reading.figures)


@pytest.mark.parametrize("version", samples.VERSIONS)
@pytest.mark.parametrize(
    "case", ["first", "slow", "many_folders", "ssh_push", "ssh_pull", "daemon_push", "hostile_names"]
)
def test_a_copy_ends_with_all_bytes_and_entries(version: str, case: str) -> None:
    reading = read(recorded(version, case))
    last, statistics = reading.figures[-1], reading.reader.statistics()
    assert last.bytes_transferred == statistics.transferred_bytes == reading.reader.settled_bytes()
    assert last.files_done == last.files_total == statistics.files_seen


@pytest.mark.parametrize("version", samples.VERSIONS)
def test_the_closing_report_is_read_and_not_repeated(version: str) -> None:
    reading = read(recorded(version, "first"))
    statistics = reading.reader.statistics()
    assert reading.notices == ()
    assert (statistics.files_seen, statistics.files_transferred, statistics.files_created) == (16, 12, 15)
    assert (statistics.total_bytes, statistics.transferred_bytes) == (3_600_000, 3_600_000)
    assert (statistics.literal_bytes, statistics.matched_bytes) == (3_600_000, 0)
    assert statistics.files_deleted == 0


@pytest.mark.parametrize("version", samples.VERSIONS)
def test_an_error_right_behind_a_figure_is_not_lost(version: str) -> None:
    reading = read(recorded(version, "full"))
    (first, *_) = reading.notices
    assert first.text.startswith("rsync: [receiver] write failed on")
    assert first.failed_file == "/tmp/samples/dest/folder 0/file 09"
    assert reading.figures[-1].bytes_transferred == 1_200_000


@pytest.mark.parametrize("version", samples.VERSIONS)
def test_lines_of_ssh_are_kept_although_they_end_with_both(version: str) -> None:
    reading = read(recorded(version, "ssh_changed_host"))
    assert "Host key verification failed." in reading.tail


@pytest.mark.parametrize(
    "text",
    [
        b"@>f+++++++++|0|" + line(264_600_000, 62, chk=chk(12, 3, 15)),
        b"deleting " + line(264_600_000, 62, chk=chk(12, 3, 15)),
        b'rsync: [sender] send_files failed to open "' + line(264_600_000, 62) + b'": Permission denied (13)',
        b'file has vanished: "/s/' + line(264_600_000, 62) + b'"',
        b"@>f+++++++++|0|Total file size: 5 bytes",
        b"@>f+++++++++|0|Number of files: 5",
    ],
)
def test_a_name_that_looks_like_a_figure_fools_nobody(text: bytes) -> None:
    reader = RsyncReader()
    assert reader.progress(text) is None
    notice = reader.notice(text)
    assert notice is not None
    assert reader.statistics() == RsyncReader().statistics()
    assert "62%" in notice.text or notice.level == "copy"


def test_figures_are_bytes_speed_and_entries() -> None:
    reader = RsyncReader()
    progress = fed(reader, line(50_000_000, 50, "118.00MB/s", chk(12, 3, 15)))
    assert progress.bytes_transferred == 50_000_000
    assert progress.speed_bytes == 118 * 1024 * 1024
    assert (progress.files_done, progress.files_total) == (12, 15)


@pytest.mark.parametrize(("rate", "speed"), [("1.50kB/s", 1536), ("2.00GB/s", 2 * 1024**3), ("0.00kB/s", 0)])
def test_speeds_are_counted_in_1024s(rate: str, speed: int) -> None:
    assert fed(RsyncReader(), line(5, 0, rate)).speed_bytes == speed


def test_figures_grouped_by_a_locale_are_understood() -> None:
    assert (
        fed(RsyncReader(), b"    264,600,000  62%  118.00MB/s    0:29:00 (xfr#12, to-chk=3/15)").bytes_transferred
        == 264_600_000
    )
    assert fed(RsyncReader(), b"    264.600.000  62%  118,00MB/s    0:29:00").bytes_transferred == 264_600_000


def test_the_time_left_follows_bytes_and_speed() -> None:
    reader, total = RsyncReader(), 1_000_000_000
    lines = [line(done, 100 * done // total, "10.00MB/s") for done in range(0, 500_000_001, 1_000_000)]
    progress = fed(reader, *lines)
    assert progress.total_bytes is not None
    assert abs(progress.total_bytes - total) < total / 50
    assert progress.percent is not None
    assert 49 <= progress.percent <= 51
    assert progress.eta_seconds is not None
    assert 45 <= progress.eta_seconds <= 50


def test_the_speed_is_smoothed() -> None:
    reader = RsyncReader()
    fed(reader, line(1000, 1, "100.00MB/s"))
    assert 75 <= fed(reader, line(2000, 2, "1.00MB/s")).speed_bytes / 1024**2 <= 76


def test_a_resume_counts_on_from_what_was_settled() -> None:
    reader = RsyncReader(settled_bytes=600)
    assert reader.settled_bytes() == 600
    first = fed(reader, line(10, 1, chk=chk(1, 300, 1000)))
    assert first.bytes_transferred == 610
    rest = [line(done, done // 10, chk=chk(done, 400 - done, 1000)) for done in range(20, 401, 10)]
    last = fed(reader, *rest)
    assert last.bytes_transferred == 1000
    assert last.percent is not None
    assert last.percent >= 97
    assert reader.settled_bytes() == 1000


def test_a_resume_that_knows_no_total_shows_no_percent_before_rsync_bounds_it() -> None:
    reader = RsyncReader(settled_bytes=600)
    assert fed(reader, line(1, 0)).percent is None
    assert fed(reader, line(10, 1)).percent == 61.0


def test_a_resume_shows_the_percent_of_the_total_found_before() -> None:
    reader = RsyncReader(settled_bytes=600, expected_bytes=1000)
    first = fed(reader, line(1, 0))
    assert (first.bytes_transferred, first.total_bytes, first.percent) == (601, 1000, 60.1)


def test_an_expected_total_that_rsync_contradicts_is_dropped() -> None:
    reader = RsyncReader(expected_bytes=1000)
    assert fed(reader, line(100, 10)).total_bytes == 1000
    grown = fed(reader, *(line(done, done // 40) for done in range(110, 2000, 2)))
    assert grown.total_bytes is not None
    assert abs(grown.total_bytes - 4000) < 80


def test_only_whole_files_are_settled() -> None:
    reader = RsyncReader()
    fed(reader, line(100, 10, chk=chk(1, 8, 10)), line(150, 15))
    assert reader.settled_bytes() == 100


def test_an_incremental_run_moves_with_the_entries_it_finds_in_place() -> None:
    reader, shown = RsyncReader(), []
    for number in range(1, 101):
        progress = fed(reader, line(number * 10, 0, chk=chk(number, 10_000 - number * 100, 10_000)))
        shown.append(progress.percent or 0.0)
    assert shown == sorted(shown)
    assert 40 < shown[49] < 50
    assert 85 < shown[-1] <= 99.9


def test_folders_of_a_first_run_do_not_count_as_found_in_place() -> None:
    reader = RsyncReader()
    for number in range(1, 51):
        progress = fed(reader, line(number * 1000, number, chk=chk(number * 8, 1000 - number * 10, 1000)))
    assert progress.percent is not None
    assert progress.percent <= 51


def test_a_large_file_behind_many_small_ones_in_place_still_moves_the_bar() -> None:
    reader = RsyncReader()
    before = fed(reader, line(10, 0, chk=chk(1, 1, 20_000))).percent
    after = fed(reader, line(1_000_000_000, 50)).percent
    assert before is not None
    assert after is not None
    assert before < after < 99.9


def test_percent_and_totals_are_unknown_while_the_list_is_made() -> None:
    reader = RsyncReader()
    listing = fed(reader, line(1000, 90, chk=chk(5, 3, 10, "ir")))
    assert (listing.percent, listing.total_bytes, listing.files_total, listing.files_done) == (None, None, None, 7)
    whole = fed(reader, line(2000, 20, chk=chk(9, 90, 100)))
    assert whole.percent is not None
    assert 19 <= whole.percent <= 21
    assert whole.files_total == 100


def test_the_last_total_serves_while_the_list_is_made() -> None:
    listing = fed(RsyncReader(expected_bytes=4000), line(1000, 90, chk=chk(5, 3, 10, "ir")))
    assert (listing.percent, listing.total_bytes, listing.files_total) == (25.0, 4000, None)


def test_a_line_without_entries_keeps_the_entries_of_the_last_one() -> None:
    reader = RsyncReader()
    assert fed(reader, line(100, 10, chk=chk(1, 8, 10)), line(150, 15)).files_done == 2


def test_blank_lines_and_figures_are_no_notices() -> None:
    reader = RsyncReader()
    assert [reader.notice(text) for text in (b"", b"   ", b"\r", line(5, 1), line(5, 1, chk=chk(1, 2, 3)))] == [
        None
    ] * 5


def test_any_other_line_is_kept() -> None:
    notice = RsyncReader().notice(b"  something indented\x1b[31m")
    assert notice is not None
    assert notice.text == "  something indented\\x1b[31m"


def test_a_line_of_100_megabytes_does_not_hurt() -> None:
    reader = RsyncReader()
    assert reader.progress(b" " * 100_000_000) is None
    assert reader.progress(b"9" * 100_000_000) is None


@given(st.lists(st.binary(max_size=300), max_size=30))
def test_no_bytes_upset_the_reader(texts: list[bytes]) -> None:
    reader, figures = RsyncReader(), []
    for text in texts:
        if (progress := reader.progress(text)) is not None:
            figures.append(progress)
        notice = reader.notice(text)
        assert notice is None or not HOSTILE.search(notice.text)
    assert is_monotone(tuple(figures))


@st.composite
def figure_lines(draw: st.DrawFn) -> bytes:
    entries = draw(st.integers(0, 10**7))
    where = draw(st.sampled_from(["", chk(draw(st.integers(0, 10**7)), draw(st.integers(0, 10**7)), entries)]))
    kind = where.replace("to-", draw(st.sampled_from(["to-", "ir-"])))
    return line(draw(st.integers(0, 10**16)), draw(st.integers(0, 999)), f"{draw(st.integers(0, 9999))}.00kB/s", kind)


@settings(max_examples=300)
@given(st.integers(-5, 10**13), st.lists(figure_lines(), max_size=40))
def test_figures_never_fall_whatever_is_printed(settled: int, texts: list[bytes]) -> None:
    reader = RsyncReader(settled)
    figures = tuple(progress for text in texts if (progress := reader.progress(text)) is not None)
    assert len(figures) == len(texts)
    assert is_monotone(figures)
    assert all(0 <= (figure.percent or 0) <= 99.9 for figure in figures)
    assert all(figure.eta_seconds is None or figure.eta_seconds >= 0 for figure in figures)


@pytest.mark.parametrize("version", samples.VERSIONS)
@given(st.data())
@settings(max_examples=20)
def test_lines_may_be_left_out(version: str, data: st.DataObject) -> None:
    texts = [text for text, _ in samples.lines(recorded(version, "many_folders"))]
    kept = (
        [text for text in texts if data.draw(st.booleans())]
        if len(texts) < 100
        else texts[:: data.draw(st.integers(1, 40))]
    )
    reader = RsyncReader()
    figures = tuple(progress for text in kept if (progress := reader.progress(text)) is not None)
    assert figures
    assert is_monotone(figures)
