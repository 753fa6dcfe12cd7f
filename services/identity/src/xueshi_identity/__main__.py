"""`python -m xueshi_identity ROLE`; the roles stand in `xueshi_kit.service`."""

from xueshi_identity.app import build
from xueshi_identity.settings import Settings
from xueshi_kit.service import main

if __name__ == "__main__":
    main("identity", "xueshi_identity", Settings, build)
