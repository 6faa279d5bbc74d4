"""Pages of what is measured without a run: granularity, similarity, checks."""
