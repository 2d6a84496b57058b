"""Small charts: every state has a shape of its own, and lines stay inside their picture."""

import re
from datetime import date, timedelta

import pytest

from core.statistics import DayCell
from flask_app.utils.charts import bar_paths, line_path, line_points, strip_days, strip_paths, strip_width

STATES = ["good", "warnings", "failed", "interrupted", "running", "none"]
FIRST = date(2026, 10, 23)


def cells(*states: str) -> list[DayCell]:
    return [DayCell(FIRST + timedelta(days=number), state, 1) for number, state in enumerate(states)]


def test_shape_alone_tells_states_apart() -> None:
    shapes = {state: strip_paths([state])[state] for state in STATES}
    assert len(set(shapes.values())) == len(STATES)


def test_one_path_draws_all_days_of_a_state_each_at_its_place() -> None:
    paths = strip_paths(["good", "failed", "good"])
    assert paths == {"good": "M2.5 6.5v9M20.5 6.5v9", "failed": "M11.5 2.5v17"}
    assert strip_width(cells("good", "failed", "good")) == 23
    assert strip_width([]) == 0


def test_days_that_went_wrong_can_be_asked_about() -> None:
    assert strip_days(cells("good", "failed", "none", "warnings")) == [
        (7, FIRST + timedelta(days=1), "failed"),
        (25, FIRST + timedelta(days=3), "warnings"),
    ]


@pytest.mark.parametrize("values", [[1, 5, 3], [0, 0, 0], [7], [None, 2, None, 9], [10**13, 1], [0.001] * 400])
def test_a_line_stays_inside_its_picture(values: list[float | None]) -> None:
    points = line_points(values, 276, 44)
    assert len(points) == sum(value is not None for value in values)
    assert all(0 <= x <= 276 and 0 <= y <= 44 for x, y in points)
    assert line_path(points).count("L") == len(points) - 1


def test_the_greatest_value_is_highest_and_the_newest_is_at_the_right() -> None:
    points = line_points([1, 9, 4], 276, 44)
    assert min(points, key=lambda point: point[1]) == points[1]
    assert points[-1][0] == 272.5


def test_nothing_known_draws_nothing() -> None:
    assert line_points([], 276, 44) == []
    assert line_path([]) == ""
    assert bar_paths([], 276, 44) == ("", "")
    assert bar_paths([None], 276, 44) == ("", "")


def test_the_newest_bar_stands_apart_and_the_unknown_leaves_a_gap() -> None:
    older, newest = bar_paths([2, None, 4, 0], 276, 44)
    assert older.count("M") == 2
    assert newest.count("M") == 1
    heights = [float(found) for found in re.findall(r"v-([\d.]+)", older + newest)]
    assert heights == [22, 44, 1]
