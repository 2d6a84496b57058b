"""Tests of the pages' small tools."""
