"""/healthz: this process answers. /readyz: what it needs is there too, and what is not, by name.

Neither asks who is there, and neither tells anything about people.
"""

from __future__ import annotations

from datetime import datetime

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache

from xinzhi.kernel.channels import configuration
from xinzhi.kernel.foundation.clock import now

#: Workers say every few seconds that they live.
SILENT_AFTER_SECONDS = 30


@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 as long as this process can answer. It asks nothing else: a restart of it would not mend a database."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 "ready", 200 "degraded" (pages work, but no worker runs jobs), or 503 "not_ready"."""
    checks = {"database": "ok", "migrations": "ok", "worker": "ok"}
    try:
        checks["migrations"] = _migrations()
        checks["worker"] = _worker()
    except DatabaseError:
        checks = {"database": "unreachable", "migrations": "unknown", "worker": "unknown"}
        connection.close()
    if checks["database"] != "ok" or checks["migrations"] != "ok":
        return JsonResponse({"status": "not_ready", "checks": checks}, status=503)
    status = "ready" if checks["worker"] == "ok" else "degraded"
    # A channel that is off is no fault: the house tells people in the app and on paper.
    return JsonResponse({"status": status, "checks": checks, "channels": configuration.states()})


_up_to_date = (
    False  # a database does not go back while this process runs, and the question costs a tenth of a second
)


def _migrations() -> str:
    global _up_to_date
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if not _up_to_date:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            return f"{len(waiting)} waiting: run xinzhi setup-db"
        _up_to_date = True
    return "ok"


def _worker() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(last_heartbeat) FROM procrastinate_workers")
        last: datetime | None = cursor.fetchone()[0]
    if last is None:
        return "none"
    silent = (now() - last).total_seconds()
    return "ok" if silent <= SILENT_AFTER_SECONDS else f"silent for {silent:.0f} s"


urlpatterns = [path("healthz", healthz, name="healthz"), path("readyz", readyz, name="readyz")]
