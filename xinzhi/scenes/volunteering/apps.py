from django.apps import AppConfig


class VolunteeringConfig(AppConfig):
    name = "xinzhi.scenes.volunteering"
    label = "volunteering"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from xinzhi.scenes.volunteering import wiring

        wiring.connect()
