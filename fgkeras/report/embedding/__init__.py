"""What the page of an embedding shows beside its numbers."""
