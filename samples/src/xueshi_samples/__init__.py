"""What training platforms send in a year, made up from a seed, with the intended outcome of each record."""

from xueshi_samples.files import load, write
from xueshi_samples.model import World
from xueshi_samples.world import generate

__all__ = ["World", "generate", "load", "write"]
