"""What tests of the core may ask for."""

from tests.core.arena import arena
from tests.core.house import house

__all__ = ["arena", "house"]
