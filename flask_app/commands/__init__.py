"""The command line's groups, one module each; they ask the same manager as pages and API."""
