"""Two pages: alive, and a write to the database."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from xinzhi.config import health


def write(request: HttpRequest) -> HttpResponse:
    """Add a row and say how many there are."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS kept (at timestamptz DEFAULT now())")
        cursor.execute("INSERT INTO kept DEFAULT VALUES")
        cursor.execute("SELECT count(*) FROM kept")
        return HttpResponse(cursor.fetchone()[0])


urlpatterns = [
    *health.urlpatterns,
    path("scheme", lambda request: HttpResponse(request.scheme)),
    path("write", write),
]
