from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "xinzhi.kernel.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from xinzhi.kernel.notices import inbox

        inbox.connect()
