"""What tests of faults may ask for."""

from tests.core.arena import arena

__all__ = ["arena"]
