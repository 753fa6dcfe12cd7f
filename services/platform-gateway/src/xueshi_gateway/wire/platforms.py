"""What administrators send and read: platforms, scopes, keys, the audit trail."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, model_validator

from xueshi_gateway.domain.accession import (
    MAX_OVERLAP,
    PLATFORM_PATTERN,
    Audited,
    BaseLevel,
    Platform,
    Scope,
    SigningKey,
)
from xueshi_gateway.domain.records import PlatformId
from xueshi_kit.clock import CHINA
from xueshi_kit.fields import LINE_PATTERN, NUMBER, Moment, Strict, free_of
from xueshi_rulebook import divisions
from xueshi_rulebook.identifiers import contains_id_number

_NO_CONTROL = r"^[^\x00-\x1f\x7f-\x9f]+$"
_WITHOUT_ID_NUMBER = free_of(contains_id_number)


def _known_region(code: str) -> str:
    if not divisions.exists(code):
        message = "is no division code"
        raise ValueError(message)
    return code


def _text(most: int) -> object:
    return Field(min_length=1, max_length=most, pattern=_NO_CONTROL)


Name = Annotated[str, _text(100), _WITHOUT_ID_NUMBER]
Reason = Annotated[str, _text(200), _WITHOUT_ID_NUMBER]
Id = Annotated[str, Field(pattern=PLATFORM_PATTERN), _WITHOUT_ID_NUMBER]
Limit = Annotated[int, Field(ge=1, le=10_000_000), NUMBER]
Region = Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["350100"]), AfterValidator(_known_region)]


class NewPlatform(Strict):
    """A platform to enter (FJ-15). `base_region` is the division code of the base that runs it."""

    id: Id = Field(examples=["haixi-online"])
    name: Name = Field(examples=["海西网络学院"])
    base_level: BaseLevel
    base_region: Region
    records_per_minute: Limit | None = None

    def as_platform(self, now: datetime) -> Platform:
        """Return the platform as it begins."""
        return Platform(
            PlatformId(self.id), self.name, "active", self.base_level, self.base_region, self.records_per_minute, 1, now
        )


class NewLimit(Strict):
    """How many records a platform may send in a minute; null returns it to the service's own limit."""

    records_per_minute: Limit | None = Field(examples=[60_000])


class Because(Strict):
    """Why an administrator acts; it stands in the audit trail."""

    reason: Reason = Field(examples=["平台申请暂停接入"])


class NewScope(Strict):
    """A scope that an authority has confirmed. A subject that is confirmed whole has neither industry nor major."""

    subject_kind: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["professional"])
    industry: Annotated[int, Field(ge=0, le=99), NUMBER] = Field(
        default=0,
        description="Number in the rulebook's list of industries; 0 for a subject that is confirmed whole.",
        examples=[5],
    )
    major: Annotated[str, _WITHOUT_ID_NUMBER] = Field(
        default="",
        max_length=64,
        pattern=LINE_PATTERN,
        description="Empty: every major of the industry.",
        examples=["土木工程"],
    )
    confirmed_by: Name = Field(examples=["福建省人力资源和社会保障厅"])

    def as_scope(self, now: datetime) -> Scope:
        """Return the scope; its number is still to come."""
        return Scope(0, self.subject_kind, self.industry, self.major, self.confirmed_by, now, None)


class NewKey(Strict):
    """A key to add: `v1` draws a shared secret, which the answer shows once; `v1a` takes an Ed25519 public key."""

    version: Literal["v1", "v1a"]
    public_key: str | None = Field(default=None, max_length=100, description="whpk_…; for v1a only.")
    expires_at: Moment | None = None

    @model_validator(mode="after")
    def _has_its_own(self) -> "NewKey":
        if (self.version == "v1a") != (self.public_key is not None):
            message = "a public key goes with v1a and with nothing else"
            raise ValueError(message)
        return self


class Rotation(Strict):
    """A successor for a key: as in a new key, and how long the old one counts on."""

    overlap_seconds: Annotated[int, Field(ge=0, le=int(MAX_OVERLAP.total_seconds())), NUMBER] = 86_400
    public_key: str | None = Field(default=None, max_length=100, description="whpk_…; the successor of a v1a key.")

    @property
    def overlap(self) -> timedelta:
        """How long the old key counts on."""
        return timedelta(seconds=self.overlap_seconds)


class ScopeView(BaseModel):
    """A confirmed scope."""

    id: int
    subject_kind: str = Field(examples=["professional"])
    industry: int
    major: str = Field(examples=[""])
    confirmed_by: str = Field(examples=["福建省人力资源和社会保障厅"])
    confirmed_at: datetime

    @classmethod
    def of(cls, scope: Scope) -> "ScopeView":
        """Return a scope as it is shown."""
        return cls(
            id=scope.id,
            subject_kind=scope.subject_kind,
            industry=scope.industry,
            major=scope.major,
            confirmed_by=scope.confirmed_by,
            confirmed_at=scope.confirmed_at.astimezone(CHINA),
        )


class KeyView(BaseModel):
    """A key without its secret."""

    key_id: str = Field(examples=["k7q2m5x9"])
    version: str = Field(examples=["v1"])
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: SigningKey) -> "KeyView":
        """Return a key as it is shown."""
        return cls(
            key_id=key.key_id,
            version=key.version,
            created_at=key.created_at.astimezone(CHINA),
            expires_at=_shown(key.expires_at),
            revoked_at=_shown(key.revoked_at),
        )


class MadeKey(BaseModel):
    """A key that was added. `secret` is shown this once, and is null for a public key."""

    key: KeyView
    secret: str | None


class PlatformView(BaseModel):
    """A platform's accession. `delivery_path` is where it sends its records."""

    id: str = Field(examples=["haixi-online"])
    name: str = Field(examples=["海西网络学院"])
    status: str = Field(examples=["active"])
    base_level: str = Field(examples=["province"])
    base_region: str = Field(examples=["350000"])
    records_per_minute: int | None
    revision: int
    created_at: datetime
    delivery_path: str = Field(examples=["/v1/platforms/haixi-online/deliveries"])

    @classmethod
    def of(cls, platform: Platform) -> "PlatformView":
        """Return a platform as it is shown."""
        return cls(
            id=platform.id,
            name=platform.name,
            status=platform.status,
            base_level=platform.base_level,
            base_region=platform.base_region,
            records_per_minute=platform.records_per_minute,
            revision=platform.revision,
            created_at=platform.created_at.astimezone(CHINA),
            delivery_path=f"/v1/platforms/{platform.id}/deliveries",
        )


class PlatformDetail(BaseModel):
    """A platform with its standing scopes and all its keys."""

    platform: PlatformView
    scopes: list[ScopeView]
    keys: list[KeyView]

    @classmethod
    def of(cls, platform: Platform, scopes: Sequence[Scope], keys: Sequence[SigningKey]) -> "PlatformDetail":
        """Return all that administrators see of a platform."""
        return cls(
            platform=PlatformView.of(platform),
            scopes=[ScopeView.of(scope) for scope in scopes],
            keys=[KeyView.of(key) for key in keys],
        )


class PlatformPage(BaseModel):
    """A page of platforms."""

    items: list[PlatformView]
    next_cursor: str | None


class AuditedView(BaseModel):
    """One act of an administrator."""

    at: datetime
    actor: str = Field(examples=["root-admin"])
    action: str = Field(examples=["platform.suspend"])
    detail: dict[str, object] = Field(examples=[{"reason": "暂停接入"}])

    @classmethod
    def of(cls, audited: Audited) -> "AuditedView":
        """Return an act as it is shown."""
        return cls(
            at=audited.at.astimezone(CHINA), actor=audited.actor, action=audited.action, detail=dict(audited.detail)
        )


class AuditPage(BaseModel):
    """A page of the trail, newest first."""

    items: list[AuditedView]
    next_cursor: str | None


def _shown(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(CHINA)
