from django.urls import path

from xinzhi.scenes.governance_points.views import charter, desk, phone

app_name = "governance_points"
urlpatterns = [
    path("", phone.home, name="home"),
    path("household/", phone.choose_household, name="choose-household"),
    path("rules/<int:village_id>/", phone.rules, name="rules"),
    path("claim/", phone.claim, name="claim"),
    path("claim/done/", phone.claimed, name="claimed"),
    path("claim/<str:code>/", phone.claim_form, name="claim-form"),
    path("claim/<str:code>/preview/", phone.preview, name="preview"),
    path("statement/", phone.my_statement, name="statement"),
    path("deeds/<int:deed_id>/", phone.deed_story, name="deed"),
    path("deeds/<int:deed_id>/withdraw/", phone.withdraw, name="withdraw"),
    path("deeds/<int:deed_id>/correct/", desk.correct, name="correct"),
    path("who-looked/", phone.who_looked, name="who-looked"),
    path("desk/deeds/", desk.deed_list, name="desk-deeds"),
    path("desk/deeds/<int:deed_id>/", desk.deed_page, name="desk-deed"),
    path("desk/enter/", desk.enter, name="desk-enter"),
    path("desk/sheet/", desk.score_sheet_page, name="desk-sheet"),
    path("desk/sheet/form/", desk.score_sheet_form, name="desk-sheet-form"),
    path("desk/publish/", desk.publish, name="desk-publish"),
    path("desk/households/", desk.households, name="desk-households"),
    path("desk/households/<int:household_id>/", desk.household, name="desk-household"),
    path("desk/charter/", charter.overview, name="desk-charter"),
    path("desk/charter/import/", charter.import_sheet, name="desk-charter-import"),
    path("desk/charter/edit/", charter.edit, name="desk-charter-edit"),
    path("desk/charter/download/", charter.download, name="desk-charter-download"),
]
