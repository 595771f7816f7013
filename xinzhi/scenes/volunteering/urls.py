from django.urls import path

from xinzhi.scenes.volunteering.views import desk, phone, public

app_name = "volunteering"
urlpatterns = [
    path("", desk.desk, name="desk"),
    path("plan/", desk.plan, name="plan"),
    path("run/<int:activity_id>/", desk.run, name="run"),
    path("run/<int:activity_id>/move/", desk.move, name="move"),
    path("run/<int:activity_id>/code/", desk.code, name="code"),
    path("run/<int:activity_id>/tick/", desk.tick, name="tick"),
    path("run/<int:activity_id>/confirm/", desk.confirm, name="confirm"),
    path("hours/<int:hours_id>/correct/", desk.correct, name="correct"),
    path("hours/<int:hours_id>/withdraw/", desk.withdraw, name="withdraw"),
    path("mine/", phone.mine, name="mine"),
    path("activities/<int:activity_id>/", phone.activity, name="activity"),
    path("activities/<int:activity_id>/sign-up/", phone.sign_up, name="sign-up"),
    path("sign-ups/<int:sign_up_id>/off/", phone.sign_off, name="sign-off"),
    path("in/<str:token>/", phone.check, name="check"),
    path("hours/", phone.hours, name="hours"),
    path("hours/<int:hours_id>/", phone.record, name="hours-record"),
    path("certificates/", phone.issue, name="issue"),
    path("certificates/<int:certificate_id>/", phone.certificate, name="certificate"),
    path("verify/", public.verify, name="verify"),
]
