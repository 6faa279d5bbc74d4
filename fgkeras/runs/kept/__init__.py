"""What the folder of a run keeps, read and checked."""
