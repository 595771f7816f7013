from django.urls import path

from xinzhi.kernel.identity import views

app_name = "identity"
urlpatterns = [
    path("login/", views.login_by_phone, name="login"),
    path("login/who/", views.login_who, name="login_who"),
    path("login/staff/", views.login_by_password, name="login_staff"),
    path("logout/", views.log_out, name="logout"),
    path("me/who-may-act/", views.who_may_act, name="proxies"),
    path("me/who-may-act/<int:mandate_id>/end/", views.end_mandate, name="end_mandate"),
    path("me/act-for/", views.act_for, name="act_for"),
    path("me/act-for/end/", views.stop_acting, name="stop_acting"),
    path("me/away/", views.away, name="away"),
    path("me/away/<int:absence_id>/end/", views.end_absence, name="end_absence"),
    path("c/<str:token>/", views.card, name="card"),
    path("households/<int:household_id>/card/", views.card_paper, name="card_paper"),
    path("households/<int:household_id>/proxies/", views.household_mandates, name="household_proxies"),
    path("households/<int:household_id>/proxies/paper/", views.mandate_paper, name="mandate_paper"),
    path("households/cards/", views.card_sheets_paper, name="card_sheets"),
    path("keys/", views.keys, name="keys"),
    path("keys/<int:key_id>/revoke/", views.revoke_key, name="revoke_key"),
]
