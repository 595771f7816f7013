from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "xinzhi.kernel.jobs"
    label = "jobs"
