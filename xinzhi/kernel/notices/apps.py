from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "xinzhi.kernel.notices"
    label = "notices"
