"""Write a sample world: `python -m xueshi_samples --seed 7 --people 3000 OUT`."""

import argparse
import sys
from pathlib import Path

from xueshi_samples import generate, write


def main() -> None:
    """Read the arguments, write the files and say what they hold."""
    parser = argparse.ArgumentParser(prog="xueshi_samples", description=__doc__)
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same world (default: 7)")
    parser.add_argument("--people", type=int, default=3000, help="how many people learn (default: 3000)")
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the files")
    arguments = parser.parse_args()
    world = generate(arguments.seed, arguments.people)
    write(world, arguments.out)
    expected = world.expected
    sys.stdout.write(f"{expected.submissions} records in {expected.deliveries} deliveries: {arguments.out}\n")


if __name__ == "__main__":
    main()
