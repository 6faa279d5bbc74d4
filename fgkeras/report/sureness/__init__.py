"""How sure answers are: calibration, prediction sets, unknown pictures."""
