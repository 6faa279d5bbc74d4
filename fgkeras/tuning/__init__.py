"""Sweeps: the same training with other options, and which was best."""
