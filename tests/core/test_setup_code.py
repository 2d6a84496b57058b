"""The first account's code: told once, read with forgiveness, good for one."""

from core.setup_code import SetupCode


def test_it_is_told_once_and_fits_however_it_is_typed() -> None:
    told: list[str] = []
    setup = SetupCode(told.append)
    assert not setup.fits(""), "before it is told nothing fits"
    setup.announce()
    setup.announce()
    (code,) = told
    assert len(code.replace("-", "")) == 16
    for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')}\n"):
        assert setup.fits(typed)
    for wrong in ("", "-", code[:-1], code + "A", code[::-1], "\udc80"[:0], "ſ" * 16, "x" * 1_000_000):
        assert not setup.fits(wrong)


def test_every_server_has_another() -> None:
    told: list[str] = []
    for _ in range(20):
        SetupCode(told.append).announce()
    assert len(set(told)) == 20


def test_spent_it_lets_nobody_in_and_another_is_told() -> None:
    told: list[str] = []
    setup = SetupCode(told.append)
    setup.announce()
    setup.spend()
    assert not setup.fits(told[0])
    assert not setup.fits("")
    setup.announce()
    assert told[0] != told[1]
    assert not setup.fits(told[0])
    assert setup.fits(told[1])


def test_it_is_in_nothing_that_is_printed() -> None:
    told: list[str] = []
    setup = SetupCode(told.append)
    setup.announce()
    assert told[0] not in repr(setup)
