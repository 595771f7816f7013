from django.urls import path

from xinzhi.kernel.evidence import views

urlpatterns = [
    path("", views.upload, name="upload"),
    path("<uuid:evidence_id>/original/", views.original, name="original"),
    path("<uuid:evidence_id>/discard/", views.discard, name="discard"),
    path("<uuid:evidence_id>/<slug:size>/", views.display, name="display"),
]
