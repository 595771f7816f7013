from django.apps import AppConfig


class ShanchuanConfig(AppConfig):
    name = "xinzhi.localities.shanchuan"
    label = "shanchuan"
