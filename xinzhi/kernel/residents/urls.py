from django.urls import path

from xinzhi.kernel.residents.views import household, life, roster

app_name = "residents"
urlpatterns = [
    path("roster/", roster.roster, name="roster"),
    path("roster/form/", roster.roster_form, name="roster-form"),
    path("roster/<int:progress_id>/", roster.roster_report, name="roster-report"),
    path("roster/<int:progress_id>/bring-in/", roster.bring_in, name="roster-bring-in"),
    path("households/<int:household_id>/", household.household, name="household"),
    path("households/<int:household_id>/<slug:act>/", life.life, name="life"),
]
