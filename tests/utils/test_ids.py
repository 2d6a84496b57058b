"""Ids: how ours look, and what never becomes part of a path."""

from datetime import UTC, datetime, timedelta

import pytest

from utils.ids import is_job_id, is_run_id, new_job_id, new_run_id

MOMENT = datetime(2026, 11, 21, 7, 2, 4, 123987, tzinfo=UTC)


def test_run_ids_sort_by_time_and_differ() -> None:
    ids = [new_run_id(MOMENT + timedelta(milliseconds=step)) for step in range(50)]
    assert ids == sorted(ids)
    assert ids[0].startswith("20261121T070204123Z-")
    assert all(is_run_id(item) for item in ids)
    assert len({new_run_id(MOMENT) for _ in range(50)}) == 50


def test_our_job_ids_are_ids() -> None:
    assert is_job_id(new_job_id())


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "a/b", "../a", "a..b", "a\n", "a\0", "-a", "a b", "é", "a" * 65, "a.", ".a", "a/", "%2e%2e"],
)
def test_what_could_lead_elsewhere_is_no_id(text: str) -> None:
    assert not is_job_id(text)
    assert not is_run_id(text)


@pytest.mark.parametrize("text", ["1", "photos", "a.b-c_d", "84d41cda-ff40-4534-b611-110f236108dd"])
def test_a_short_word_made_by_hand_is_a_job_id(text: str) -> None:
    assert is_job_id(text)


@pytest.mark.parametrize("end", ["\n", "/..", " ", "0"])
def test_a_run_id_is_matched_to_its_end(end: str) -> None:
    assert not is_run_id(new_run_id(MOMENT) + end)
