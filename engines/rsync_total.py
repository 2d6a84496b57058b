"""The size of the whole transfer, worked out from rsync's whole-number percent; not a prediction.

`progress2` prints bytes and a percent cut to a whole number but never the total. Each line
bounds it: at `p` percent the total lies in (bytes × 100 / (p + 1), bytes × 100 / p].
"""

from math import inf, isinf

_CLOSE_ENOUGH = 0.02


class TotalEstimate:
    """An interval that every line narrows. `bytes` is None until it is tight, then steady.

    An expected total (of an earlier run) is believed until a line contradicts it.
    """

    def __init__(self, expected: int | None = None) -> None:
        self._low = 0.0
        self._high = inf
        self._exact = False
        self.bytes = expected

    def learn(self, transferred: int, percent: int) -> None:
        """One line's figures; a line at odds with the earlier ones starts over."""
        if self._exact:
            return
        if percent == 100:
            self._low = self._high = float(transferred)
        elif 0 <= percent < 100 and transferred > 0:
            self._narrow(transferred * 100 / (percent + 1), _ceiling(transferred, percent))
        self._settle()

    def know(self, total: int) -> None:
        """rsync's closing report names the total."""
        self._low = self._high = float(total)
        self._exact = True
        self.bytes = total

    def share(self, amount: int) -> float | None:
        """A careful share, 0 to 1, of `amount` while `bytes` is None; None while nothing bounds the total."""
        if isinf(self._high):
            return None
        return min(1.0, amount / self._high) if self._high else 0.0

    def _narrow(self, low: float, high: float) -> None:
        # A file that grew meanwhile moves the total.
        if low > self._high or high < self._low:
            self._low, self._high = low, high
        self._low, self._high = max(self._low, low), min(self._high, high)

    def _settle(self) -> None:
        if self.bytes is not None and self._low <= self.bytes <= self._high:
            return
        is_tight = not isinf(self._high) and self._high - self._low <= _CLOSE_ENOUGH * self._high
        self.bytes = round((self._low + self._high) / 2) if is_tight else None


def _ceiling(transferred: int, percent: int) -> float:
    return transferred * 100 / percent if percent else inf
