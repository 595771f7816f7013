"""The API keeps what its own document says: a program that believes it is never surprised.

Schemathesis reads /api/v1/openapi.json and makes up requests, right ones and wrong ones; the same ones in every run.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from xinzhi.config.api import api
from xinzhi.config.wsgi import application
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.identity import api_keys
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.regions import services as region_services

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

OPERATIONS = sorted(
    (path, method) for path, item in api.get_openapi_schema()["paths"].items() for method in item
)


@pytest.fixture
def api_document(db):
    # The whole application answers, in this test's transaction: its connection is not to be closed after each request.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def key(db) -> str:
    """A key of a county with every permission a key may have."""
    region_services.import_divisions(
        actor=SYSTEM,
        rows=[("330000000000", "浙江省"), ("330500000000", "湖州市"), ("330523000000", "安吉县")],
    )
    _key, text = api_keys.issue_api_key(
        actor=SYSTEM, name="conformance", region_id=regions.region_by_code("330523000000").pk,
        scopes=list(api_keys.permissions_for_keys()), expires_at=clock.now() + timedelta(days=1),
    )  # fmt: skip
    return text


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_operation_keeps_its_document(api_document, key, path, method):
    @settings(
        max_examples=10, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate], database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=api_document[path][method.upper()].as_strategy())
    def believe(case):
        answer = case.call(headers={"Authorization": f"Bearer {key}"})
        case.validate_response(
            answer, checks=[not_a_server_error, content_type_conformance, response_schema_conformance]
        )

    believe()
