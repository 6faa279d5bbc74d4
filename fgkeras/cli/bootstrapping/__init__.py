"""Verbs below `bootstrap`, and what they have in common."""
