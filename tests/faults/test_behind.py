"""Behind the nginx of deploy/, small: the crawl as everybody; `script/prove behind` does more of it."""

from pathlib import Path

from flask import Flask

from flask_app.listen import AsyncMode
from models.role import Role
from tests.faults.behind_matrix import LIES, crawl
from tests.faults.behind_world import furnished_world
from tests.whole import only_whole


@only_whole
def test_everybody_may_what_the_matrix_says_and_nothing_else(
    app: Flask, tmp_path: Path, server_mode: AsyncMode
) -> None:
    with furnished_world(tmp_path, server_mode) as world:
        callers = [
            world.nobody({}),
            *map(world.by_cookie, Role),
            *[world.by_token(role, directly=True) for role in Role],
        ]
        tally = crawl(world, app, callers, [world.nobody(LIES[0], directly=True), world.careless_stranger()])
    assert tally.faults == []
    assert tally.refused > 500
    assert tally.allowed > 500


def test_the_crawl_finds_a_server_that_lets_everybody_in(app: Flask, tmp_path: Path, server_mode: AsyncMode) -> None:
    with furnished_world(tmp_path, server_mode, "off") as world:
        tally = crawl(world, app, [], [world.careless_stranger()])
    assert len(tally.faults) > 50
