"""`python -m xueshi_registry ROLE`; the roles stand in `xueshi_kit.service`, its own ones in `jobs`."""

from xueshi_kit.service import main
from xueshi_registry.app import build
from xueshi_registry.jobs import JOBS
from xueshi_registry.settings import Settings

if __name__ == "__main__":
    main("registry", "xueshi_registry", Settings, build, JOBS)
