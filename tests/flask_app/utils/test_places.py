"""The room under a path of our own."""

from flask_app.utils.places import free_space


def test_the_space_below_a_path_or_none() -> None:
    disk = free_space("/")
    assert disk is not None
    assert 0 <= disk.used_percent <= 100
    assert free_space("/no/such/place") is None
