"""Verbs below `data` that look at images with a network."""

# Rows listed one by one; more are counted.
LISTED = 20
