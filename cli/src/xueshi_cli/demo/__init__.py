"""The sample run: load the sample world, push its deliveries, watch, decide, compare with what must come out."""
