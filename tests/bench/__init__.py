"""Measurements, each beside its control; not tests."""
