"""The machinery of TFRecords: writing, checking and reading them."""
