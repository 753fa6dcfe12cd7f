"""`python -m xueshi_gateway ROLE`; the roles stand in `xueshi_kit.service`."""

from xueshi_gateway.app import build
from xueshi_gateway.settings import Settings
from xueshi_kit.service import main

if __name__ == "__main__":
    main("gateway", "xueshi_gateway", Settings, build)
