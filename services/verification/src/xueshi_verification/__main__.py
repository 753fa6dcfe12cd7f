"""`python -m xueshi_verification ROLE`; the roles stand in `xueshi_kit.service`."""

from xueshi_kit.service import main
from xueshi_verification.app import build
from xueshi_verification.settings import Settings

if __name__ == "__main__":
    main("verification", "xueshi_verification", Settings, build)
