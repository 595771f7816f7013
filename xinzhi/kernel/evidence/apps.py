from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvidenceConfig(AppConfig):
    name = "xinzhi.kernel.evidence"
    label = "evidence"

    def ready(self) -> None:
        from xinzhi.kernel.evidence import holdings
        from xinzhi.kernel.residents import everything

        everything.register("files", _("Photos and documents"), holdings.files_listed, holdings.files)
