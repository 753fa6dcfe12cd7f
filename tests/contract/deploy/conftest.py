"""The overlays, built."""

import pytest

from tests.contract.deploy.manifests import Site, build, builder
from tests.support.parts import required


@pytest.fixture(params=["local", "province"])
def site(request: pytest.FixtureRequest) -> Site:
    """Give each overlay in turn; without a tool to build it the test is skipped, or fails where it is required."""
    if builder() is None:
        reason = "no kustomize >= 5 (go install sigs.k8s.io/kustomize/kustomize/v5@v5.7.1) and no kubectl with it"
        if "kustomize" in required():
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return build(request.param)
