"""Business logic: carries out what engines describe and keeps the facts; knows nothing of the web."""
