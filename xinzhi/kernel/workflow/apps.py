from django.apps import AppConfig
from django.core.checks import register


class WorkflowConfig(AppConfig):
    name = "xinzhi.kernel.workflow"
    label = "workflow"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from xinzhi.kernel.workflow.checks import check_lifecycles

        register(check_lifecycles)
