"""A local site: which services it has, where their data, ports, keys and clients are."""
