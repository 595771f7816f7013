from django.apps import AppConfig
from django.core.checks import register
from django.core.signals import request_finished, request_started


class AssemblyConfig(AppConfig):
    name = "xinzhi.kernel.assembly"
    label = "assembly"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from xinzhi.kernel.assembly import checks, switching

        register(checks.check_manifests)
        request_started.connect(switching.begin_request, dispatch_uid="assembly.switches")
        request_finished.connect(switching.end_request, dispatch_uid="assembly.switches")
