from django.apps import AppConfig


class CourtyardsConfig(AppConfig):
    name = "xinzhi.scenes.courtyards"
    label = "courtyards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from xinzhi.scenes.courtyards import wiring

        wiring.connect()
