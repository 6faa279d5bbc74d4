"""One training: from a config to a folder."""
