"""Where records go: the rulebook's routers over the authorities, kept until these change (FJ-08, FJ-09, FJ-26)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from xueshi_kit.db import Transaction
from xueshi_rulebook import Authority as RoutedAuthority
from xueshi_rulebook import Route, RouteQuestion, Rulebook
from xueshi_verification.domain.model import Authority, AuthorityId, Placement, Registration
from xueshi_verification.store import authorities as store

_NOWHERE = Placement(None, "", (), fallback=False, automatic=False)


@dataclass(frozen=True, slots=True)
class Routers:
    """Routers over one revision of the authorities. Names are as they were at that revision."""

    revision: int
    names: dict[AuthorityId, str]
    by_jurisdiction: dict[str, Callable[[RouteQuestion], Route]]
    _known: dict[tuple[str, str, str, int, str], Placement] = field(default_factory=dict)

    def place(self, registration: Registration) -> Placement:
        """Return where a record goes; nowhere while no authority stands there.

        Raises what the rulebook raises for a region or subject kind that it does not know. Answers are kept: there are
        no more of them than regions, kinds and industries.
        """
        question = (
            registration.jurisdiction,
            registration.subject_kind,
            registration.region,
            registration.industry,
            registration.registered_by,
        )
        placement = self._known.get(question)
        if placement is None:
            placement = self._known[question] = self._place(registration)
        return placement

    def _place(self, registration: Registration) -> Placement:
        router = self.by_jurisdiction.get(registration.jurisdiction)
        if router is None:
            return _NOWHERE
        route = router(
            RouteQuestion(
                subject_kind=registration.subject_kind,
                region=registration.region,
                industry=registration.industry or None,
                registration=cast('Literal["automatic", "submitted"]', registration.registered_by),
            )
        )
        authority = None if route.authority_id is None else AuthorityId(route.authority_id)
        return Placement(
            authority=authority,
            authority_name="" if authority is None else self.names[authority],
            rule_ids=route.rule_ids,
            fallback=route.fallback != "none",
            automatic=route.automatic,
        )


class Routing:
    """Keeps the routers of the newest revision seen. One object serves a process."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Route by this rulebook."""
        self.rulebook = rulebook
        self._routers: Routers | None = None

    async def current(self, tx: Transaction) -> Routers:
        """Return the routers, and hold the authorities as they are until the transaction ends."""
        return await self._at(tx, await store.share_revision(tx))

    async def changed(self, tx: Transaction, revision: int) -> Routers:
        """Return routers over what this transaction has just made of the authorities, without keeping them."""
        return self._build(revision, await store.read_open(tx))

    async def _at(self, tx: Transaction, revision: int) -> Routers:
        if self._routers is None or self._routers.revision != revision:
            self._routers = self._build(revision, await store.read_open(tx))
        return self._routers

    def _build(self, revision: int, authorities: Sequence[Authority]) -> Routers:
        routed = [
            RoutedAuthority(
                id=each.id,
                kind=cast('Literal["hrss", "industry"]', each.kind),
                region=each.region,
                level=cast('Literal["province", "city", "county"]', each.level),
                industries=frozenset(each.industries),
                unable=each.unable,
            )
            for each in authorities
        ]
        return Routers(
            revision,
            {each.id: each.name for each in authorities},
            {code: each.router(routed) for code, each in self.rulebook.jurisdictions.items()},
        )
