"""The drawn set: its species, strokes, pictures and cache."""
