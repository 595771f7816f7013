"""People with phones and accounts, a template that leaves the house, and a sender that does as it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from xinzhi.kernel.channels.port import Letter
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.notices.models import Delivery
from xinzhi.kernel.notices.services import send_message
from xinzhi.kernel.notices.tests.village import NOON
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries as residents_queries
from xinzhi.kernel.residents import services as residents

TEMPLATE = "tests.expires"
URGENT = "tests.urgent"
MUST = "tests.must"


@dataclass
class Sender:
    """A channel whose answers are a list: a receipt, or a failure to raise. Afterwards it takes everything."""

    code: Any = "sms"
    is_sandbox: bool = False
    is_idempotent: bool = False
    answers: list[Any] = field(default_factory=list)
    sent: list[tuple[str, str, str]] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def send(self, *, to: str, letter: Letter, key: str, at: datetime) -> str:
        self.sent.append((to, letter.text, key))
        self.before()
        answer = self.answers.pop(0) if self.answers else f"receipt-{len(self.sent)}"
        if isinstance(answer, BaseException):
            raise answer
        return answer

    @property
    def to(self) -> list[str]:
        return [to for to, _text, _key in self.sent]


def family(village: Region, number: str, *phones: str) -> tuple[int, list[int]]:
    """A household and its persons, each with a phone or "" for none."""
    household = residents.register_household(
        actor=SYSTEM, village_id=village.pk, household_no=number,
        members=[
            residents.NewMember(name="张小明" if n == 0 else f"张{'甲乙丙丁'[n]}", phone=phone, relation_code="02" if n == 0 else "20")
            for n, phone in enumerate(phones)
        ],
        source="test", at=NOON,
    )  # fmt: skip
    return household.pk, [m.person_id for m in residents_queries.members(household.pk)]


def tell(
    household_id: int, persons: list[int], key: str = "1", template: str = TEMPLATE, at: datetime = NOON
) -> int:
    return send_message(
        person_ids=persons, template=template, params={"day": "2026-12-31"}, household_id=household_id,
        source_key=f"{template}:{household_id}:{key}", at=at,
    )  # fmt: skip


def states() -> list[tuple[str, str, str]]:
    """(channel, state, failure) of every delivery, oldest first."""
    return list(Delivery.objects.order_by("pk").values_list("channel", "state", "failure_code"))
