"""What an examination finds out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

Kind = Literal["photo", "voice", "document"]


@dataclass(frozen=True, slots=True)
class Position:
    """Degrees, WGS 84."""

    latitude: Decimal
    longitude: Decimal


@dataclass(frozen=True, slots=True)
class Examined:
    kind: Kind
    media_type: str
    width: int | None = None
    height: int | None = None
    taken_at: datetime | None = None
    position: Position | None = None
    perceptual_hash: int | None = None
