"""How many refused attempts are listed: a stranger cannot fill the disk, and nobody's attempts hide another's."""

from core.audit_bounds import ACCOUNT_HOURLY, ADDRESS_HOURLY, HOUR, NOBODY_HOURLY, RefusalBounds
from models.audit import AuditRecord
from tests import build
from utils.clock import SystemClock


class MovedClock(SystemClock):
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = 1000.0

    def monotonic(self) -> float:
        return self.moment


def refused(address: str = "192.0.2.7", asked: str = "GET /", **more: str) -> AuditRecord:
    return AuditRecord(build.MOMENT, "access.refused", "refused", address=address, asked=asked, **more)  # type: ignore[arg-type]


def listed(bounds: RefusalBounds, records: list[AuditRecord]) -> int:
    return sum(bounds.admit(record) is not None for record in records)


def test_the_same_attempt_is_listed_once_a_minute_and_the_others_are_counted() -> None:
    clock = MovedClock()
    bounds = RefusalBounds(clock)
    again = refused(asked="POST /login")._replace(action="access.login")
    assert listed(bounds, [again] * 50) == 1
    clock.moment += 60
    told = bounds.admit(again)
    assert told is not None
    assert told.left_out == 49


def test_a_page_that_was_left_open_is_listed_once_an_hour() -> None:
    clock = MovedClock()
    bounds = RefusalBounds(clock)
    times = 0
    for _ in range(720):
        times += listed(bounds, [refused(asked="GET /stats"), refused(asked="GET /active-jobs")])
        clock.moment += 5
    assert times == 2
    assert listed(bounds, [refused(asked="GET /stats")]) == 1


def test_an_address_has_its_number_an_hour_and_another_has_its_own() -> None:
    clock = MovedClock()
    bounds = RefusalBounds(clock)
    many = [refused(asked=f"GET /{number}") for number in range(500)]
    assert listed(bounds, many) == ADDRESS_HOURLY
    assert listed(bounds, [refused("198.51.100.1")]) == 1
    clock.moment += HOUR
    assert listed(bounds, many) == ADDRESS_HOURLY


def test_a_thousand_addresses_together_get_no_more_than_their_number_an_hour() -> None:
    bounds = RefusalBounds(MovedClock())
    assert listed(bounds, [refused(f"2001:db8::{number:x}") for number in range(5000)]) == NOBODY_HOURLY


def test_strangers_do_not_hide_what_an_account_is_refused() -> None:
    bounds = RefusalBounds(MovedClock())
    listed(bounds, [refused(f"2001:db8::{number:x}") for number in range(5000)])
    mine = [refused(account="anna", asked=f"POST /{number}") for number in range(500)]
    assert listed(bounds, mine) == ACCOUNT_HOURLY
    assert listed(bounds, [refused(account="berta")]) == 1


def test_memory_is_bounded() -> None:
    bounds = RefusalBounds(MovedClock())
    listed(bounds, [refused(account=f"name {number}") for number in range(6000)])
    assert len(bounds._same) <= 2000
    assert len(bounds._counts) <= 2000
