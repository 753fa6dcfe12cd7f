"""The smallest service that stands on the whole plumbing: writers count per key, a consumer records what it saw."""
