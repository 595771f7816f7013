"""Who works in the demo township. Labels are offices, never names."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password

from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.identity import services as identity
from xinzhi.kernel.identity.actors import actor_of
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.regions.models import Region
from xinzhi.localities.shanchuan.demo.places import VILLAGES, Village


@dataclass(frozen=True, slots=True)
class Login:
    """One line of what `make run` prints."""

    role: str
    where: str
    username: str
    secret: str


def logins_file() -> Path:
    return Path(settings.STATE_DIR) / "demo-logins.json"


def known_logins() -> list[Login]:
    """The logins written when the demo was loaded; empty without a demo."""
    path = logins_file()
    return [Login(**entry) for entry in json.loads(path.read_text())] if path.exists() else []


def keep_logins(logins: list[Login]) -> None:
    path = logins_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps([asdict(entry) for entry in logins], ensure_ascii=False, indent=1))


TOWNSHIP, COUNTY = "330523206000", "330523000000"
#: The village whose logins are printed.
SHOWN_VILLAGE = next(v for v in VILLAGES if v.slug == "gaojiatang")
#: (role, suffix of the user name, office): for every village.
VILLAGE_ROLES = (
    ("village_clerk", "clerk", "文书"),
    ("village_clerk", "clerk2", "副文书"),
    ("inspector", "inspector", "巡查员"),
    ("council_member", "council", "积分议事会"),
    ("council_member", "council2", "积分议事会二"),
    ("council_member", "council3", "积分议事会三"),
    ("supervisor", "supervisor", "村务监督委员会"),
)
#: Colleagues whose logins need not be printed: one of their kind is.
OTHERS = ("council2", "council3")


def hire(villages: dict[str, Region]) -> list[Login]:
    """Create every login; one password made for this installation alone. Returns what to print."""
    password = f"shanchuan-{secrets.token_hex(4)}"
    password_hash = make_password(password)  # once for all of them: hashing is slow on purpose
    logins: list[Login] = []

    def one(username: str, role: str, region: Region | None, office: str, *, shown: bool) -> None:
        user = identity.create_user(
            actor=SYSTEM, username=username, label=office, is_staff=role == "platform_admin"
        )
        User.objects.filter(pk=user.pk).update(password=password_hash)
        identity.grant_role(actor=SYSTEM, user_id=user.pk, role=role, region_id=region.pk if region else None)
        if shown:
            logins.append(Login(role, region.name if region else "全部", username, password))

    for village in VILLAGES:
        for role, suffix, office in VILLAGE_ROLES:
            one(
                f"{village.slug}-{suffix}", role, villages[village.slug], f"{village.name}{office}",
                shown=village.slug == SHOWN_VILLAGE.slug and suffix not in OTHERS,
            )  # fmt: skip
    township, county = (regions.region_by_code(code) for code in (TOWNSHIP, COUNTY))
    one("township", "township_officer", township, "山川乡积分办", shown=True)
    one("county", "county_officer", county, "安吉县农业农村局", shown=True)
    one("admin", "platform_admin", None, "平台管理员", shown=True)
    return logins


def actors_of(village: Village) -> dict[str, Actor]:
    """Who acts in a village, by the suffix of the user name."""
    return {
        suffix: actor_of(User.objects.get(username=f"{village.slug}-{suffix}"))
        for _role, suffix, _office in VILLAGE_ROLES
    }
