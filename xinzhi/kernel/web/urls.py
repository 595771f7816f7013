from django.urls import path

from xinzhi.kernel.web import views

app_name = "web"
urlpatterns = [
    path("", views.first_page, name="first-page"),
    path("prefs/elder/", views.elder_mode, name="elder"),
    path("prefs/language/", views.language, name="language"),
]
