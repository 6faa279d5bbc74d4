"""What a run is exported with, and an export that is asked like a run."""
