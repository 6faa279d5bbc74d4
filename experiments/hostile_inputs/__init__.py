"""Zips and tables made to break what opens them."""
