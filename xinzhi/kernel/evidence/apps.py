from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "xinzhi.kernel.evidence"
    label = "evidence"
