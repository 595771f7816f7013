"""Lifecycles by name and by model, as the manifests declare them."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

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
    found: dict[str, Lifecycle] = {}
    for config in apps.get_app_configs():
        manifest = _manifest_of(config.name)
        for dotted in getattr(manifest, "lifecycles", ()):
            lifecycle = _load(config.name, dotted)
            found[lifecycle.name] = lifecycle
    return found


def _manifest_of(package: str) -> Any:
    if find_spec(f"{package}.manifest") is None:
        return None
    return getattr(import_module(f"{package}.manifest"), "manifest", None)


def _load(package: str, declared: Any) -> Lifecycle:
    if isinstance(declared, Lifecycle):
        return declared
    module, _, name = str(declared).rpartition(".")
    lifecycle = getattr(import_module(f"{package}.{module}"), name)
    if not isinstance(lifecycle, Lifecycle):
        raise TypeError(f"{package}.{module}.{name} is not a Lifecycle")
    return lifecycle


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
