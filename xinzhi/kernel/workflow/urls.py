from django.urls import path

from xinzhi.kernel.workflow import views

app_name = "workflow"
urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/many/", views.decide_many, name="decide_many"),
    path("<str:lifecycle>/<int:subject_id>/", views.case, name="case"),
    path("<str:lifecycle>/<int:subject_id>/<str:action>/", views.decide, name="decide"),
]
