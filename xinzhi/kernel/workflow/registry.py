"""Lifecycles by name and by model, as the manifests declare them."""

from __future__ import annotations

from functools import lru_cache

from django.apps import apps
from django.db import models

from xinzhi.kernel.workflow.errors import UnknownLifecycle
from xinzhi.kernel.workflow.lifecycle import Lifecycle

_registered: dict[str, Lifecycle] = {}
_models: dict[str, type[models.Model]] = {}


def register(lifecycle: Lifecycle, model: type[models.Model] | None = None) -> None:
    """Make a lifecycle known without a manifest (tests), with a model outside the installed packages if need be."""
    _registered[lifecycle.name] = lifecycle
    if model is not None:
        _models[lifecycle.name] = model
    _by_model.cache_clear()


def unregister(name: str) -> None:
    _registered.pop(name, None)
    _models.pop(name, None)
    _by_model.cache_clear()


@lru_cache(maxsize=1)
def _declared() -> dict[str, Lifecycle]:
    """What manifests list: `lifecycles=("lifecycle.DEED",)`, relative to the package of the manifest."""
    from xinzhi.kernel.assembly import (
        registry as assembly,
    )  # late: manifests import lifecycles of their packages

    found: dict[str, Lifecycle] = {}
    for declared in assembly.declared():
        for dotted in declared.manifest.lifecycles:
            lifecycle = declared.load(dotted)
            if not isinstance(lifecycle, Lifecycle):
                raise TypeError(f"{declared.package}.{dotted} is not a Lifecycle")
            if lifecycle.name in found:
                raise TypeError(
                    f"The lifecycle '{lifecycle.name}' is declared twice, again in {declared.package}"
                )
            found[lifecycle.name] = lifecycle
    return found


def lifecycles() -> dict[str, Lifecycle]:
    """All known lifecycles by name."""
    return {**_declared(), **_registered}


def lifecycle(name: str) -> Lifecycle:
    """The lifecycle of that name. Raises UnknownLifecycle."""
    found = _registered.get(name) or _declared().get(name)
    if found is None:
        raise UnknownLifecycle(name=name[:64])
    return found


@lru_cache(maxsize=1)
def _by_model() -> dict[str, Lifecycle]:
    return {lc.model.lower(): lc for lc in lifecycles().values()}


def lifecycle_of(subject: models.Model | type[models.Model]) -> Lifecycle:
    """The lifecycle of a subject's model. Raises UnknownLifecycle."""
    label = subject._meta.label_lower
    found = _by_model().get(label)
    if found is None:
        raise UnknownLifecycle(name=label)
    return found


def model_of(lifecycle: Lifecycle) -> type[models.Model]:
    """The Django model of a lifecycle's subjects."""
    return _models.get(lifecycle.name) or apps.get_model(lifecycle.model)
