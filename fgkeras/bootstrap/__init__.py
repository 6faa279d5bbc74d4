"""Dataset bootstrapping with humans in the loop."""
