from django.urls import path

from xinzhi.kernel.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.board, name="board"),
    path("<int:publication_id>/", views.publication, name="publication"),
    path("<int:publication_id>/print/", views.paper, name="print"),
    path("<int:publication_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<int:publication_id>/lines/<int:line_id>/object/", views.object_to_line, name="object"),
    path("objections/<int:objection_id>/take-back/", views.take_back, name="take_back"),
    path("messages/", views.messages_page, name="messages"),
]
