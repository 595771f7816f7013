"""Why a publication or an objection was refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Conflict, Forbidden, Invalid


class UnknownKind(Invalid):
    code = "notices.unknown_kind"
    sentence = _("Nobody publishes lists of the kind “%(kind)s”. Check the spelling, or switch its scene on.")


class DaysOutOfRange(Invalid):
    code = "notices.days_out_of_range"
    sentence = _("This list is on display for %(least)s to %(most)s days; found %(found)s.")


class NothingToPublish(Invalid):
    code = "notices.nothing_to_publish"
    sentence = _("A list needs at least one line. Verify something first.")


class LooksPersonal(Invalid):
    code = "notices.looks_personal"
    sentence = _(
        "“%(where)s” contains what looks like an identity, phone or card number (%(masked)s). "
        "Take it out; lists never show such numbers."
    )


class AlreadyListed(Conflict):
    code = "notices.already_listed"
    sentence = _(
        "%(count)s of these are on display in another list already. Take them out, or wait until it ends."
    )


class ListHasEnded(Conflict):
    code = "notices.list_has_ended"
    sentence = _(
        "This list ended on %(day)s, so objections are no longer taken here. Ask the village office."
    )


class LineNotListed(Conflict):
    code = "notices.line_not_listed"
    sentence = _("This line is %(state)s; nothing more can be said against it here.")


class AlreadyObjected(Conflict):
    code = "notices.already_objected"
    sentence = _(
        "Your household has objected to this line before, on %(day)s. One objection for each line is heard."
    )


class GroundsUnknown(Invalid):
    code = "notices.grounds_unknown"
    sentence = _("“%(found)s” is not one of the grounds. Choose one from the list.")


class OnBehalfOfWhom(Invalid):
    code = "notices.on_behalf_of_whom"
    sentence = _("Name the household that objects on paper; it must be one of this village.")


class WasInvolved(Forbidden):
    code = "notices.was_involved"
    sentence = _(
        "You took part in the case this objection is about (%(action)s). Somebody else has to answer it."
    )


class NotTheObjector(Forbidden):
    code = "notices.not_the_objector"
    sentence = _("Only the household that objected can take its objection back or appeal.")


class AppealTooLate(Conflict):
    code = "notices.appeal_too_late"
    sentence = _("The answer could be appealed until %(day)s. Ask the township office if there was a reason.")


class PurposeNeeded(Invalid):
    code = "notices.purpose_needed"
    sentence = _("Say for what purpose you look at single lines: re-check, complaint, audit or statistics.")


class OutcomeUnknown(Invalid):
    code = "notices.outcome_unknown"
    sentence = _("An objection is upheld or dismissed; found “%(found)s”.")


class WithdrawalReasonUnknown(Invalid):
    code = "notices.withdrawal_reason_unknown"
    sentence = _("Say why the list is taken down: a mistake, the wrong village, or by order of the township.")
