"""The webhook's edge under fire: `python -m tests.fuzz` for the whole of it, the tests here for a short seeded part."""
