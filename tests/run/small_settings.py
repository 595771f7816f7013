"""A house with almost nothing in it: what is tested here is starting, stopping and recovering, not the pages."""

from typing import Any

from xinzhi.config.settings import *  # noqa: F403

INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "procrastinate.contrib.django"]
AUTH_USER_MODEL = "auth.User"
MIDDLEWARE: list[str] = []
TEMPLATES: list[dict[str, Any]] = []
ROOT_URLCONF = "tests.run.small_urls"
