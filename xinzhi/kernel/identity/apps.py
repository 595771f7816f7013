from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "xinzhi.kernel.identity"
    label = "identity"
