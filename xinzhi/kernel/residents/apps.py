from django.apps import AppConfig


class ResidentsConfig(AppConfig):
    name = "xinzhi.kernel.residents"
    label = "residents"
