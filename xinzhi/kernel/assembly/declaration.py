"""What a package declares about itself: values only, so that it can be read without starting anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.utils.functional import Promise

#: A text people read: gettext_lazy, or a plain string.
Text = str | Promise
Audience = Literal["villager", "workbench", "admin"]
#: Who opens which pages: the phone pages, the desk, the platform's own administration.
AUDIENCES: tuple[Audience, ...] = ("villager", "workbench", "admin")


@dataclass(frozen=True, slots=True)
class Permission:
    """`code` is "<slug>.<thing>.<act>"; `name` says what it allows, as an imperative ("Verify deeds")."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the navigation. Without a permission everybody of the audience sees it."""

    audience: Audience
    label: Text
    url_name: str
    icon: str
    permission: str | None = None
    order: int = 100


@dataclass(frozen=True, slots=True)
class SceneManifest:
    """The declaration in `manifest.py`, for kernel packages and scenes alike.

    `slug` is the folder's name. `roles` says which permissions a role gets from this package;
    `own_permissions` what a villager may do for his own households. `publishes` and `listens` name facts:
    `listens={"governance_points.deed_posted.v1": "handlers.on_deed_posted"}`, relative to the package.
    `labels` are sentences for codes that stand in rows (kinds and messages of progress, reasons).
    `questions` are what is still open, shown in docs/scenes.md.
    """

    slug: str
    name: Text
    owner: str
    permissions: tuple[Permission, ...] = ()
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own_permissions: tuple[str, ...] = ()
    publishes: tuple[str, ...] = ()
    listens: Mapping[str, str] = field(default_factory=dict)
    menu: tuple[MenuItem, ...] = ()
    lifecycles: tuple[str, ...] = ()
    labels: Mapping[str, Text] = field(default_factory=dict)
    questions: tuple[str, ...] = ()
