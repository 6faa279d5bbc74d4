"""Several models on the same images: how far they differ, and how sure."""
