from django.urls import path

from xinzhi.kernel.notices.views import board, delivery, objections

app_name = "notices"
urlpatterns = [
    path("", board.board, name="board"),
    path("<int:publication_id>/", board.publication, name="publication"),
    path("<int:publication_id>/print/", board.paper, name="print"),
    path("<int:publication_id>/spoken/", board.loudspeaker, name="spoken"),
    path("<int:publication_id>/withdraw/", board.withdraw, name="withdraw"),
    path("<int:publication_id>/lines/<int:line_id>/object/", objections.object_to_line, name="object"),
    path("objections/", objections.my_objections, name="objections"),
    path("objections/<int:objection_id>/", objections.objection, name="objection"),
    path("objections/<int:objection_id>/appeal/", objections.appeal, name="appeal"),
    path("objections/<int:objection_id>/take-back/", objections.take_back, name="take_back"),
    path("messages/", board.messages_page, name="messages"),
    path("channels/", delivery.channels, name="channels"),
    path("channels/<str:channel>/", delivery.choose, name="choose_channel"),
    path("undelivered/", delivery.undelivered, name="undelivered"),
]
