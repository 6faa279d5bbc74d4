"""How a command ends that does not succeed: an error in words, or Ctrl-C."""
