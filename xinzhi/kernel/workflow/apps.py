from django.apps import AppConfig
from django.core.checks import register
from django.db.models.signals import post_save


class WorkflowConfig(AppConfig):
    name = "xinzhi.kernel.workflow"
    label = "workflow"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from xinzhi.kernel.workflow.checks import check_lifecycles
        from xinzhi.kernel.workflow.forgetting import on_person_saved

        register(check_lifecycles)
        post_save.connect(on_person_saved, sender="residents.Person", dispatch_uid="workflow.forgetting")
