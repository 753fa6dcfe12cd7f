"""The yardstick: the webhook as a good team would write it without measuring, small and idiomatic."""
