"""Sketches of outer products, for compact bilinear and kernel pooling."""
