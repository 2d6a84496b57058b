"""Tests; the same tree as the product, one module per module."""
