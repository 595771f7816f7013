"""Do the manifests fit together? Asked at start; a misdeclared package stops it with a hint."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.urls import NoReverseMatch, get_resolver, reverse

from xinzhi.kernel.assembly import registry
from xinzhi.kernel.assembly.declaration import AUDIENCES, SceneManifest
from xinzhi.kernel.assembly.registry import Declared
from xinzhi.kernel.assembly.roles import ROLES

_FACT = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.v[1-9][0-9]*\Z")
_SLUG = re.compile(r"[a-z][a-z0-9_]{1,40}\Z")


def check_manifests(app_configs: Any = None, **_options: Any) -> list[CheckMessage]:  # noqa: ARG001
    """The system check."""
    found = registry.declared()
    return [
        *_unreadable(),
        *_slugs(found),
        *_permissions(found),
        *_roles(found),
        *_facts(found),
        *_handlers(found),
        *_menus(found),
        *_pages(found),
    ]


def nearest(word: str, known: Iterable[str], otherwise: str) -> str:
    """ "did you mean 'x'?" when something known is close, otherwise the given advice."""
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else otherwise


def _named(declared: Declared) -> str:
    return f"{'Package' if declared.is_kernel else 'Scene'} '{declared.manifest.slug}'"


def _error(number: int, text: str, hint: str) -> Error:
    return Error(text, hint=hint, id=f"assembly.E{number:03}")


def _unreadable() -> Iterator[Error]:
    for config in apps.get_app_configs():
        if not config.name.startswith("xinzhi.") or not find_spec(f"{config.name}.manifest"):
            continue
        manifest = getattr(import_module(f"{config.name}.manifest"), "manifest", None)
        if not isinstance(manifest, SceneManifest):
            yield _error(
                1,
                f"{config.name}.manifest has no `manifest`, found {type(manifest).__name__}.",
                "write `manifest = SceneManifest(slug=…, name=…, owner=…)`.",
            )


def _slugs(found: Sequence[Declared]) -> Iterator[Error]:
    for d in found:
        slug, folder = d.manifest.slug, d.package.rpartition(".")[2]
        if slug != folder.removeprefix("_"):
            yield _error(
                2,
                f"The folder '{folder}' declares the slug '{slug}'.",
                "folder, slug, app label, URL and permission prefix are one word; rename one of them.",
            )
        elif not _SLUG.match(slug):
            yield _error(2, f"The slug '{slug}' is not snake_case.", "use lower case letters, digits and _.")
    for slug, times in Counter(d.manifest.slug for d in found).items():
        if times > 1:
            yield _error(3, f"{times} packages have the slug '{slug}'.", "give the newer one its own slug.")


def _permissions(found: Sequence[Declared]) -> Iterator[Error]:
    owners: dict[str, str] = {}
    for d in found:
        for permission in d.manifest.permissions:
            if permission.code in owners:
                yield _error(
                    4,
                    f"Permission '{permission.code}' is declared by '{owners[permission.code]}' and again by "
                    f"'{d.manifest.slug}'.",
                    "declare it once, where the act belongs; others may name it in `roles`.",
                )
            owners.setdefault(permission.code, d.manifest.slug)
            if not permission.code.startswith(f"{d.manifest.slug}."):
                yield _error(
                    5,
                    f"{_named(d)} declares the permission '{permission.code}'.",
                    f"a permission begins with its slug: '{d.manifest.slug}.…'.",
                )


def _roles(found: Sequence[Declared]) -> Iterator[Error]:
    known = {p.code for d in found for p in d.manifest.permissions}
    advice = "add it to `permissions` in a manifest.py."
    for d in found:
        for role, codes in d.manifest.roles.items():
            if role not in ROLES:
                yield _error(
                    6,
                    f"{_named(d)} gives permissions to the role '{role}', which does not exist.",
                    nearest(role, ROLES, f"the roles are {', '.join(ROLES)}."),
                )
            for code in codes:
                if code not in known:
                    yield _error(
                        7,
                        f"{_named(d)} gives the role '{role}' the permission '{code}', which no package declares.",
                        nearest(code, known, advice),
                    )
        for code in d.manifest.own_permissions:
            if code not in known:
                yield _error(
                    7,
                    f"{_named(d)} gives villagers the permission '{code}', which no package declares.",
                    nearest(code, known, advice),
                )


def _facts(found: Sequence[Declared]) -> Iterator[Error]:
    published = {name for d in found for name in d.manifest.publishes}
    for d in found:
        for name in d.manifest.publishes:
            if not _FACT.match(name) or not name.startswith(f"{d.manifest.slug}."):
                yield _error(
                    8,
                    f"{_named(d)} publishes '{name}'.",
                    f"a fact is named '{d.manifest.slug}.<what_happened>.v1', in the past tense, with its version.",
                )
        for name, times in Counter(d.manifest.publishes).items():
            if times > 1:
                yield _error(
                    14,
                    f"{_named(d)} says {times} times that it publishes '{name}'.",
                    "say it once; a changed shape is a new version, '….v2'.",
                )
        for name in d.manifest.listens:
            if name not in published:
                yield _error(
                    9,
                    f"{_named(d)} listens to '{name}', which no scene publishes.",
                    nearest(
                        name,
                        published,
                        "check the spelling (docs/ports.md lists every fact), or take it out of `listens` when the "
                        "scene is gone.",
                    ),
                )


def _handlers(found: Sequence[Declared]) -> Iterator[Error]:
    for d in found:
        for name, handler in d.manifest.listens.items():
            trouble = ""
            try:
                if not callable(d.load(handler)):
                    trouble = "it is not a function"
            except (ImportError, AttributeError, ValueError) as wrong:
                trouble = str(wrong)
            if trouble:
                yield _error(
                    10,
                    f"{_named(d)} handles '{name}' with '{handler}', which cannot be loaded: {trouble}.",
                    "name it as 'handlers.function', relative to the package, and write "
                    "`def function(event, delivery_id: int) -> None`.",
                )


def _menus(found: Sequence[Declared]) -> Iterator[Error]:
    known = {p.code for d in found for p in d.manifest.permissions}
    for d in found:
        for item in d.manifest.menu:
            where = f"{_named(d)}, menu entry '{item.url_name}',"
            try:
                reverse(item.url_name)
            except NoReverseMatch:
                yield _error(
                    11,
                    f"{where} leads nowhere: no page without arguments has that name.",
                    nearest(item.url_name, _url_names(d.manifest.slug), "add it to urls.py."),
                )
            if item.audience not in AUDIENCES:
                yield _error(
                    12,
                    f"{where} is for the audience '{item.audience}', which does not exist.",
                    f"the audiences are {', '.join(AUDIENCES)}.",
                )
            if item.permission is not None and item.permission not in known:
                yield _error(
                    13,
                    f"{where} asks for the permission '{item.permission}', which no package declares.",
                    nearest(item.permission, known, "add it to `permissions` in a manifest.py."),
                )


def _pages(found: Sequence[Declared]) -> Iterator[Error]:
    known = {p.code for d in found for p in d.manifest.permissions}
    for view, route in _views(get_resolver().url_patterns, ""):
        asked = getattr(view, "asks_permission", "")
        if asked and asked not in known:
            yield _error(
                15,
                f"The page '/{route}' asks for the permission '{asked}', which no package declares.",
                nearest(asked, known, "add it to `permissions` in a manifest.py."),
            )


def _views(patterns: Iterable[Any], prefix: str) -> Iterator[tuple[Any, str]]:
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if hasattr(pattern, "url_patterns"):
            yield from _views(pattern.url_patterns, route)
        else:
            yield pattern.callback, route


def _url_names(slug: str) -> list[str]:
    entry = get_resolver().namespace_dict.get(slug)
    if entry is None:
        return []
    return [f"{slug}:{name}" for name in entry[1].reverse_dict if isinstance(name, str)]
