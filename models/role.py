"""What an account may do, from least to most; not which view needs what."""

from enum import StrEnum


class Role(StrEnum):
    """A viewer sees; an operator also starts and pauses; an administrator also defines, restores and lets others in."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"

    def may(self, needed: "Role") -> bool:
        """Whether what needs that role is allowed to this one."""
        order = list(Role)
        return order.index(self) >= order.index(needed)
