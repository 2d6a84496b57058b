"""Amounts and durations in words, the way the pages say them."""

_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def size_parts(amount: float) -> tuple[str, str]:
    """Figure and unit, decimal: `("26.5", "GB")`."""
    value, unit = float(amount), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    if unit == 0:
        return f"{int(value):,}", "byte" if int(value) == 1 else "bytes"
    return (f"{value:.0f}" if value >= 100 else f"{value:.1f}"), _UNITS[unit]


def size(amount: float) -> str:
    """`26.5 GB`, `265 GB`."""
    return " ".join(size_parts(amount))


def size_range(low: float, high: float) -> str:
    """`62 to 150 MB`, `0.8 to 1.1 GB`, `up to 3.9 GB`: both in the unit of the larger."""
    _, unit = size_parts(high)
    scale = 1000 ** _UNITS.index(unit) if unit in _UNITS else 1
    digits = 1 if scale > 1 and high < 10 * scale else 0
    first, last = (f"{amount / scale:.{digits}f}" for amount in (low, high))
    if first == last:
        return f"{last} {unit}"
    return f"{first} to {last} {unit}" if float(first) else f"up to {last} {unit}"


def speed(bytes_per_second: float) -> str:
    """`118 MB/s`."""
    return f"{size(bytes_per_second)}/s"


def duration(seconds: float) -> str:
    """`9 s`, `14 min`, `1 h 12 min`, `3 days`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days = round(hours / 24)
    return f"{days} day" if days == 1 else f"{days} days"
