import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def in_english(settings):
    """These tests quote sentences; that every one is translated is checked elsewhere."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield
