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
    path("c/<str:token>/", views.card, name="card"),
    path("keys/", views.keys, name="keys"),
    path("keys/<int:key_id>/revoke/", views.revoke_key, name="revoke_key"),
]
