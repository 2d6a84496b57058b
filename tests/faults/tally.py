"""What a series of made-up requests sent, got and found."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """`sent` by call or view; a fault is kept once for each of them and kind, with the text that shows it."""

    sent: Counter[str] = field(default_factory=Counter)
    answered: Counter[int] = field(default_factory=Counter)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def cases(self) -> int:
        return self.sent.total()
