"""Where the sample client is found: it is not installed, a vendor copies it."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[3] / "samples" / "title-review-client" / "src"))
