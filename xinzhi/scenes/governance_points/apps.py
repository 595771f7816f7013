from django.apps import AppConfig


class GovernancePointsConfig(AppConfig):
    name = "xinzhi.scenes.governance_points"
    label = "governance_points"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from xinzhi.scenes.governance_points import wiring

        wiring.connect()
