from django.urls import path

from xinzhi.scenes.courtyards.views import desk, phone, walk

app_name = "courtyards"
urlpatterns = [
    path("", desk.rounds_page, name="rounds"),
    path("sheet/", desk.adopt, name="adopt"),
    path("open/", desk.open_round, name="open"),
    path("route/", desk.route, name="route"),
    path("rounds/<int:round_id>/", desk.round_page, name="round"),
    path("rounds/<int:round_id>/excel/", desk.excel, name="excel"),
    path("rounds/<int:round_id>/close/", desk.close, name="close"),
    path("mine/", phone.mine, name="mine"),
    path("yards/<int:yard_id>/", phone.yard, name="yard"),
    path("yards/<int:yard_id>/stand/", desk.stand, name="stand"),
    path("yards/<int:yard_id>/aside/", desk.aside, name="aside"),
    path("walk/", walk.shell, name="walk"),
    path("walk/sw.js", walk.worker, name="worker"),
    path("walk/rounds.json", walk.take_along, name="take-along"),
    path("walk/sync/", walk.sync, name="sync"),
]
