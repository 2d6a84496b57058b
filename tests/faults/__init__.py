"""Families of faults: what is killed, torn or taken away, and what must be left."""
