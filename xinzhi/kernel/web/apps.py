from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "xinzhi.kernel.web"
    label = "web"
