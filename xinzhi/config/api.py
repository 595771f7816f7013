"""The HTTP API: every package brings its own `api.py` with a `router`, mounted under its slug."""

from __future__ import annotations

from importlib.util import find_spec

from ninja import NinjaAPI

from xinzhi.config.packages import installed_packages, part_of, slug_of
from xinzhi.kernel.assembly.guarding import switched
from xinzhi.kernel.web import problems

api = NinjaAPI(title="Xinzhi", version="1", openapi_url="openapi.json", docs_url=None)
problems.install(api)

for _package in installed_packages():
    if find_spec(f"{_package}.api"):
        _slug = slug_of(_package)
        _router = part_of(_package, "api", "router")
        if not _package.startswith("xinzhi.kernel."):  # a scene can be switched off per region
            _router.add_decorator(switched(_slug))
        api.add_router(f"/{_slug.replace('_', '-')}", _router, tags=[_slug])
