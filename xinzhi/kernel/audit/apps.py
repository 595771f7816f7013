from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "xinzhi.kernel.audit"
    label = "audit"
