def filter_pool(): pass
