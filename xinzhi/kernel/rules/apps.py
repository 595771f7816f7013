from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "xinzhi.kernel.rules"
    label = "rules"
