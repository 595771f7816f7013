from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "xinzhi.kernel.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from xinzhi.kernel.evidence import ports as evidence
        from xinzhi.kernel.notices import holdings, inbox
        from xinzhi.kernel.notices.queries.objections import SUBJECT_PREFIX
        from xinzhi.kernel.notices.services import delivering
        from xinzhi.kernel.residents import everything, forgetting

        inbox.connect()
        forgetting.register(delivering.forget)
        evidence.register_access(SUBJECT_PREFIX, inbox.visible_subjects)
        everything.register("messages", _("Messages"), holdings.messages)
        everything.register("objections", _("Objections"), holdings.objections)
