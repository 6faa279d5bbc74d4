"""Classifiers: a head, and everything below it."""
