"""Translation between events, stored contents, answers and domain objects."""
