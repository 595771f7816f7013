from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "xinzhi.kernel.workflow"
    label = "workflow"
