"""The clients of the sample world at the issuer: the operator, platforms, officers, the title-review system."""

from xueshi_cli.site.site import SiteClient
from xueshi_samples import World

OPERATOR = "site-operator"
TITLE_REVIEW = "title-review-system"
OPERATOR_SCOPES = (
    "gateway.admin",
    "registry.admin",
    "registry.read",
    "verification.admin",
    "certificates.read",
    "certificates.issue",
    "identity:read",
    "identity:write",
)


def clients_of(world: World) -> list[SiteClient]:
    """Return every client, each with just the scopes that it needs."""
    clients = [
        SiteClient(OPERATOR, "administrator", OPERATOR, "本地站点管理员", OPERATOR_SCOPES),
        SiteClient(TITLE_REVIEW, "system", TITLE_REVIEW, "职称评审系统", ("title-review.read",)),
    ]
    clients.extend(
        SiteClient(platform.id, "platform", platform.id, platform.name, ("gateway.read",))
        for platform in world.platforms
    )
    clients.extend(
        SiteClient(officer.id, "officer", officer.id, officer.name, ("verification.decide",))
        for authority in world.authorities
        for officer in authority.officers
    )
    return clients
