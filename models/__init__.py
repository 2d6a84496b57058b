"""The product's values: frozen, without I/O, importable from a bare standard library."""
