"""How much of the widest tests is done: all of it for `script/prove tests`, what shows most for `script/test`."""

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

Case = TypeVar("Case")
WHOLE = "BACKUP_MANAGER_TESTS"
IS_WHOLE = os.environ.get(WHOLE) == "whole"

only_whole = pytest.mark.skipif(not IS_WHOLE, reason="a part of script/prove tests")


def some(cases: Sequence[Case], *few: int) -> Sequence[Case]:
    """All cases, or those few of them."""
    return cases if IS_WHOLE else [cases[number] for number in few]
