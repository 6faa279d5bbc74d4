"""What training is given: order, augmentation, arrays."""
