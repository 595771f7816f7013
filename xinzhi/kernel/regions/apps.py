from django.apps import AppConfig


class RegionsConfig(AppConfig):
    name = "xinzhi.kernel.regions"
    label = "regions"
