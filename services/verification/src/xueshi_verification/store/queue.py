"""Reading queues: pages in the order of arrival, filtered, within what the officer's grants reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true

from xueshi_kit.db import Transaction
from xueshi_verification.domain.grants import Scope
from xueshi_verification.domain.model import ALL_INDUSTRIES, UNROUTED, WAITING, AuthorityId, Item, OfficerId
from xueshi_verification.domain.queue import QueueCount, QueueFilter
from xueshi_verification.store.items import item_of
from xueshi_verification.tables import item


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and when: claims are live or lapsed at that moment."""

    officer: OfficerId
    scopes: Sequence[Scope]
    now: datetime


async def page(
    tx: Transaction, authority: AuthorityId, viewer: Viewer, wanted: QueueFilter, *, after: int, limit: int
) -> list[Item]:
    """Return a page of what waits at the authority, by position."""
    query = (
        select(item)
        .where(*_waiting_at(authority, viewer), *_conditions(viewer, wanted), item.c.position > after)
        .order_by(item.c.position)
        .limit(limit)
    )
    return await _items(tx, query)


async def unrouted(tx: Transaction, code: str | None, *, after: int, limit: int) -> list[Item]:
    """Return a page of what has no authority, for the reason `code` or any, by position."""
    query = select(item).where(item.c.state == UNROUTED, item.c.position > after).order_by(item.c.position).limit(limit)
    if code is not None:
        query = query.where(item.c.code == code)
    return await _items(tx, query)


async def counts(tx: Transaction, authority: AuthorityId, viewer: Viewer) -> list[QueueCount]:
    """Count what waits at the authority, by subject kind and learning form."""
    claimed = and_(item.c.claimed_until.is_not(None), item.c.claimed_until > viewer.now)
    query = (
        select(
            item.c.subject_kind,
            item.c.learning_form,
            func.count().label("waiting"),
            func.count().filter(~func.coalesce(claimed, false())).label("unclaimed"),
            func.count().filter(claimed, item.c.claimed_by == viewer.officer).label("mine"),
            func.min(item.c.waiting_since).label("oldest"),
        )
        .where(*_waiting_at(authority, viewer))
        .group_by(item.c.subject_kind, item.c.learning_form)
        .order_by(item.c.subject_kind, item.c.learning_form)
    )
    return [QueueCount(**row) for row in (await tx.execute(query)).mappings()]


def _waiting_at(authority: AuthorityId, viewer: Viewer) -> list[ColumnElement[bool]]:
    reach = [
        and_(
            item.c.areas.contains([scope.region]),
            true() if scope.industry == ALL_INDUSTRIES else item.c.industry == scope.industry,
        )
        for scope in viewer.scopes
    ]
    return [item.c.authority_id == authority, item.c.state == WAITING, or_(false(), *reach)]


def _conditions(viewer: Viewer, wanted: QueueFilter) -> list[ColumnElement[bool]]:
    equal = {
        name: value
        for name in ("subject_kind", "industry", "employer", "learning_form")
        if (value := getattr(wanted, name)) is not None
    }
    conditions = [item.c[name] == value for name, value in equal.items()]
    if wanted.waiting_from is not None:
        conditions.append(item.c.waiting_since >= wanted.waiting_from)
    if wanted.waiting_until is not None:
        conditions.append(item.c.waiting_since < wanted.waiting_until)
    if wanted.search:
        conditions.append(item.c.course_title.icontains(wanted.search, autoescape=True))
    if wanted.claim == "mine":
        conditions.append(and_(item.c.claimed_by == viewer.officer, item.c.claimed_until > viewer.now))
    elif wanted.claim == "unclaimed":
        conditions.append(or_(item.c.claimed_until.is_(None), item.c.claimed_until <= viewer.now))
    return conditions


async def _items(tx: Transaction, query: Select[Any]) -> list[Item]:
    return [item_of(row) for row in (await tx.execute(query)).mappings()]
