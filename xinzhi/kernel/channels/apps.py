from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    name = "xinzhi.kernel.channels"
    label = "channels"
    verbose_name = _("Channels")

    def ready(self) -> None:
        from django.core import checks

        from xinzhi.kernel.channels.configuration import check_channels

        checks.register(check_channels, "channels")
