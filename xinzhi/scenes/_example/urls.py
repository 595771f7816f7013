from django.urls import path

from xinzhi.scenes._example import views

app_name = "example"
urlpatterns = [path("", views.entries, name="entries")]
