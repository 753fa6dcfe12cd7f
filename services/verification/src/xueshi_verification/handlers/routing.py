"""Where records go: the rulebook's routers over the authorities, kept until these change."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from xueshi_kit.db import Transaction
from xueshi_rulebook import Authority as RoutedAuthority
from xueshi_rulebook import RouteQuestion, Router, Rulebook
from xueshi_verification.domain.model import Authority, AuthorityId, Placement, Registration
from xueshi_verification.store import authorities as store

_NOWHERE = Placement(None, "", (), fallback=False, automatic=False, code="JURISDICTION_UNKNOWN")


@dataclass(frozen=True, slots=True)
class Routers:
    """Routers over one revision of the authorities. Names are as they were at that revision."""

    revision: int
    names: dict[AuthorityId, str]
    by_jurisdiction: dict[str, Router]
    _known: dict[tuple[str, str, str, int, str, int], Placement] = field(default_factory=dict)

    def place(self, registration: Registration) -> Placement:
        """Return where a record goes; nowhere while no authority stands there.

        Raises what the rulebook raises for a region or subject kind that it does not know. Answers are kept: there are
        no more of them than regions, kinds, industries and stretches of time with rules of their own.
        """
        router = self.by_jurisdiction.get(registration.jurisdiction)
        if router is None:
            return _NOWHERE
        question = (
            registration.jurisdiction,
            registration.subject_kind,
            registration.region,
            registration.industry,
            registration.registered_by,
            router.epoch(registration.first_on),
        )
        placement = self._known.get(question)
        if placement is None:
            placement = self._known[question] = self._place(router, registration)
        return placement

    def _place(self, router: Router, registration: Registration) -> Placement:
        # Earlier learning may have rules of its own. As everywhere, a record is as old as its first day.
        route = router(
            RouteQuestion(
                subject_kind=registration.subject_kind,
                region=registration.region,
                industry=registration.industry or None,
                registration=cast('Literal["automatic", "submitted"]', registration.registered_by),
                on=registration.first_on,
            )
        )
        authority = None if route.authority_id is None else AuthorityId(route.authority_id)
        return Placement(
            authority=authority,
            authority_name="" if authority is None else self.names[authority],
            rule_ids=route.rule_ids,
            fallback=route.fallback != "none",
            automatic=route.automatic,
            code=route.code,
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
