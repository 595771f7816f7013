"""URL roots: every package brings its own `urls.py`, mounted under its slug."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from xinzhi.config import health
from xinzhi.config.api import api
from xinzhi.config.packages import installed_packages, part_of, slug_of
from xinzhi.kernel.assembly.guarding import guard

#: Packages whose pages stand at the root instead of under their slug.
AT_ROOT = {"xinzhi.kernel.web", "xinzhi.kernel.identity"}
KERNEL = {package for package in installed_packages() if package.startswith("xinzhi.kernel.")}


def _mounted() -> list[URLPattern | URLResolver]:
    routes: list[URLPattern | URLResolver] = []
    for package in installed_packages():
        if find_spec(f"{package}.urls"):
            slug = slug_of(package)
            prefix = "" if package in AT_ROOT else f"{slug}/"
            patterns = part_of(package, "urls", "urlpatterns")
            if package not in KERNEL:  # a scene can be switched off per region
                patterns = guard(slug, patterns)
            routes.append(path(prefix, include((patterns, slug))))
    return routes


urlpatterns = [*health.urlpatterns, path("api/v1/", api.urls), *_mounted()]

handler400 = "xinzhi.kernel.web.pages.bad_request"
handler403 = "xinzhi.kernel.web.pages.forbidden"
handler404 = "xinzhi.kernel.web.pages.not_found"
