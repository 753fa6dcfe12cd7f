"""`python -m xueshi_title_review ROLE`; the roles stand in `xueshi_kit.service`."""

from xueshi_kit.service import main
from xueshi_title_review.app import build
from xueshi_title_review.settings import Settings

if __name__ == "__main__":
    main("title-review-sync", "xueshi_title_review", Settings, build)
