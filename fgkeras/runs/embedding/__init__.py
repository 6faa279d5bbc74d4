"""Embeddings: methods, their data and how they are tested."""
