"""Benchmarks: commands that print ratios against a limit taken in the same run; nothing here is asserted in a test."""
