"""Fine-grained and long-tailed visual recognition for Keras 3."""
