"""What tests of the core may ask for."""

from tests.core.arena import arena

__all__ = ["arena"]
