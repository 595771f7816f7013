from django.apps import AppConfig
from django.core.checks import register


class EventsConfig(AppConfig):
    name = "xinzhi.kernel.events"
    label = "events"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from xinzhi.kernel.events import checks

        checks.load_facts()
        register(checks.check_facts)
