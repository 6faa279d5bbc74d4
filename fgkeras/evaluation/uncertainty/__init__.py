"""What a prediction is worth: probabilities, sets, answers, unknown inputs."""
