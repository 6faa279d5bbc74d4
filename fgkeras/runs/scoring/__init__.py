"""What is done to a finished run's scores: adjusted, averaged over runs."""
