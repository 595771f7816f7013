from datetime import date

import pytest
from django.db import connection
from django.utils import translation

from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.workflow import ports, registry
from xinzhi.kernel.workflow.tests.cases import FAVOUR, Favour


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The table of the small test scene, which belongs to no installed package."""
    with django_db_blocker.unblock():
        if Favour._meta.db_table in connection.introspection.table_names():
            with connection.cursor() as db:
                db.execute(f"DROP TABLE {Favour._meta.db_table}")
        with connection.schema_editor() as editor:
            editor.create_model(Favour)


@pytest.fixture(autouse=True)
def favour_scene():
    registry.register(FAVOUR, model=Favour)
    yield
    registry.unregister(FAVOUR.name)
    ports._ports.pop(FAVOUR.name, None)


@pytest.fixture
def places(db):
    """A township (9) with the villages 1 and 2, and village 3 elsewhere."""
    return make_places()


@pytest.fixture
def committed_places(transactional_db):
    """The same for tests with several connections; takes its rows away again."""
    made = make_places()
    yield made
    Favour.objects.all().delete()


def make_places():
    day = date(2000, 1, 1)
    rows = [
        Region(id=9, level="township", name="Shanchuan", scope_path="9/", active_from=day),
        Region(id=1, level="village", name="Gaojiatang", parent_id=9, scope_path="9/1/", active_from=day),
        Region(id=2, level="village", name="Chuancun", parent_id=9, scope_path="9/2/", active_from=day),
        Region(id=3, level="village", name="Elsewhere", scope_path="3/", active_from=day),
    ]
    return {r.pk: r for r in Region.objects.bulk_create(rows)}


@pytest.fixture(autouse=True)
def in_english(settings):
    """These tests quote sentences; that every one is translated is checked elsewhere."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield
