"""The usual mistakes, in realistic shares; no record has a part in two, so that each outcome is beyond doubt."""
