"""Pictures: headers, decoding, augmentation, damage, what is read once."""
