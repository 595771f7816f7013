"""Why a step was refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Conflict, Forbidden, Invalid, NotFound


class StateHasMoved(Conflict):
    code = "workflow.state_has_moved"
    sentence = _(
        "“%(asked)s” is no longer possible: “%(action)s” on %(when)s brought this to “%(state)s”. "
        "Reload the page to see what can be done now."
    )


class UnknownAction(Invalid):
    code = "workflow.unknown_action"
    sentence = _("“%(action)s” is not a step of %(lifecycle)s. Its steps are: %(known)s.")


class UnknownLifecycle(NotFound):
    code = "workflow.unknown_lifecycle"
    sentence = _("There is no kind of case called “%(name)s”.")


class FourEyes(Forbidden):
    code = "workflow.four_eyes"
    sentence = _("A second person is needed: you already did “%(action)s” here. Leave it to a colleague.")


class OwnHousehold(Forbidden):
    code = "workflow.own_household"
    sentence = _(
        "This concerns your own household, so somebody else has to decide. It stays in your colleagues' inbox."
    )


class ReasonNeeded(Invalid):
    code = "workflow.reason_needed"
    sentence = _("Give a reason for “%(action)s”: the person concerned will read it.")


class ReasonUnknown(Invalid):
    code = "workflow.reason_unknown"
    sentence = _("“%(found)s” is not one of the reasons for “%(action)s”. Choose one from the list.")


class NoteTooLong(Invalid):
    code = "workflow.note_too_long"
    sentence = _("A note has at most %(most)s characters; this one has %(found)s.")


class RequestKeyReused(Conflict):
    code = "workflow.request_key_reused"
    sentence = _("This request key was already used here for “%(action)s”. Send a new key for a new step.")


class TooManyAtOnce(Invalid):
    code = "workflow.too_many_at_once"
    sentence = _("At most %(most)s cases can be decided at once; found %(found)s. Do it in parts.")


class NothingChosen(Invalid):
    code = "workflow.nothing_chosen"
    sentence = _("Mark at least one case in the list first.")
