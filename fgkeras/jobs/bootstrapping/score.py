def score(): pass
