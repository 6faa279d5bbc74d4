"""Sweeps that are killed, and shared."""
