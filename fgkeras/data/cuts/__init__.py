"""Fewer images or other classes of a source: tails, choices, parents."""
