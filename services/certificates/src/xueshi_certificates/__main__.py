"""`python -m xueshi_certificates ROLE`; the roles stand in `xueshi_kit.service`."""

from xueshi_certificates.app import build
from xueshi_certificates.settings import Settings
from xueshi_kit.service import main

if __name__ == "__main__":
    main("certificates", "xueshi_certificates", Settings, build)
