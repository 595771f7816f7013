from django.urls import path

from xinzhi.kernel.residents import views

app_name = "residents"
urlpatterns = [
    path("roster/", views.roster, name="roster"),
    path("roster/form/", views.roster_form, name="roster-form"),
    path("roster/<int:progress_id>/", views.roster_report, name="roster-report"),
]
