from django.apps import AppConfig


class AssemblyConfig(AppConfig):
    name = "xinzhi.kernel.assembly"
    label = "assembly"
