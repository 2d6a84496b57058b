"""From the first page to a proven copy, in a browser: create, start, watch, pause, resume, done."""

from pathlib import Path

import pytest

from tests.e2e import hostile_tree, walk
from tests.e2e.browser import Product, Visit
from tests.e2e.hashes import assert_same, complete_files

pytestmark = [pytest.mark.browser, pytest.mark.both_modes]
SIZE, LARGE, LIMIT = 48_000_000, 9_000_000, 8_000  # bytes, bytes, KiB/s: some six seconds to watch


def test_a_folder_with_hostile_names_is_created_watched_paused_resumed_and_proven(
    visit: Visit, product: Product, tmp_path: Path
) -> None:
    source, dest = tmp_path / "source", tmp_path / "the copy"
    made = hostile_tree.make(source, 400, SIZE, LARGE)
    job_id = walk.create_first(visit.page, f"{source}/", dest)
    walk.limit_speed(visit.page, job_id, LIMIT)

    first = walk.start(visit.page, job_id)
    visit.live()
    visit.wait(walk.is_past(30), 30)
    walk.press(visit.page, "Pause")
    walk.see_end(visit, "Paused")
    walk.assert_watchable(visit.watched())
    whole = complete_files(source, dest)
    assert 0 < len(whole) < made.files
    assert product.run(first)["state"] == "paused"

    walk.press(visit.page, "Resume")
    visit.page.wait_for_url(lambda address: first not in address)
    second = visit.page.url.rsplit("/", 1)[1]
    walk.see_end(visit, "Done")
    walk.assert_watchable(visit.watched())
    assert visit.watched()[-1]["percent"] == "100"
    assert min(seen["bar"] for seen in visit.watched() if seen["bar"]) >= 25, "a resume counts what is already there"

    reported = product.run(second)["result"]
    assert reported["files_transferred"] == made.files - len(whole), "files finished before are not sent again"
    assert reported["transferred_bytes"] == made.bytes - sum(whole.values())
    assert_same(source, dest)
