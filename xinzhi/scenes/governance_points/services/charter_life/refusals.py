"""Why a step of a charter is refused: what was needed, what was found, by which article, what next."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Conflict, Invalid, TooLarge


class DraftOpenAlready(Conflict):
    code = "governance_points.draft_open_already"
    sentence = _("The village works on %(number)s already. Finish or withdraw it before a new one is begun.")


class DraftChangedMeanwhile(Conflict):
    code = "governance_points.draft_changed_meanwhile"
    sentence = _(
        "Somebody else has changed this draft since you opened it. Open it again and enter your changes there."
    )


class DraftIsOut(Conflict):
    code = "governance_points.draft_is_out"
    sentence = _(
        "The draft is not being written any more (%(state)s). Take it back first, if it is to be changed."
    )


class DraftTooLarge(TooLarge):
    code = "governance_points.draft_too_large"
    sentence = _(
        "A charter has at most %(most)s rows of at most %(characters)s characters in a cell. Shorten it."
    )


class StartsInThePast(Invalid):
    code = "governance_points.draft_starts_in_the_past"
    sentence = _("A charter never holds for days that are over. Choose %(today)s or later; found %(found)s.")


class BudgetOutOfRange(Invalid):
    code = "governance_points.draft_budget"
    sentence = _(
        "A budget is a number of points above 0, at most 100,000,000; found “%(found)s”. Leave it empty if there is none."
    )


class CellsToMend(Conflict):
    code = "governance_points.draft_cells_to_mend"
    sentence = _(
        "%(count)s cells of the draft can not be read yet. They are marked in the table; mend them first."
    )


class LinterStops(Conflict):
    code = "governance_points.draft_linter_stops"
    sentence = _(
        "%(count)s rules can not be put to the vote as they are, first no. %(rule)s: %(what)s (%(article)s)."
    )


class WarningsOpen(Conflict):
    code = "governance_points.draft_warnings_open"
    sentence = _(
        "%(count)s warnings have not been acknowledged. Read them, then mend the rules or acknowledge them."
    )


class MeetingBeforeDraft(Invalid):
    code = "governance_points.vote_day"
    sentence = _(
        "The meeting lies between the day the draft was put to the vote (%(first)s) and today; found %(found)s."
    )


class NoticeTooShort(Invalid):
    code = "governance_points.vote_notice"
    sentence = _(
        "The villagers are told at least %(days)s days before the meeting, so by %(last)s; found %(found)s. %(article)s."
    )


class NoticeTooEarly(Invalid):
    code = "governance_points.vote_notice_too_early"
    sentence = _(
        "The notice is at most %(days)s days old when the meeting takes place; found %(found)s. Check the day."
    )


class BasisUnknown(Invalid):
    code = "governance_points.vote_basis"
    sentence = _("Say whether representatives of households or adults voted; found “%(found)s”.")


class RollTooSmall(Invalid):
    code = "governance_points.vote_roll"
    sentence = _(
        "The register holds %(registered)s households with a registered abode; a roll of %(found)s leaves some out. Correct the register or the roll."
    )


class NumberNeeded(Invalid):
    code = "governance_points.vote_number"
    sentence = _("Numbers of people are whole numbers from %(least)s to %(most)s; found %(found)s.")


class MoreThanOnRoll(Invalid):
    code = "governance_points.vote_present"
    sentence = _("%(present)s were there, but only %(entitled)s stand on the roll. Check both numbers.")


class VotesDoNotAddUp(Invalid):
    code = "governance_points.vote_adds_up"
    sentence = _(
        "For, against and abstaining must add up to the %(present)s who were there; they make %(found)s."
    )


class NoVillageQuorum(Conflict):
    code = "governance_points.vote_quorum"
    sentence = _(
        "At least %(needed)s of %(entitled)s must be there; found %(present)s. Nothing is decided; call another meeting. %(article)s."
    )


class PublicationTime(Invalid):
    code = "governance_points.charter_publication_days"
    sentence = _("A charter hangs out for %(least)s to %(most)s days; found %(found)s. %(article)s.")


class CorrectionTooLate(Conflict):
    code = "governance_points.correction_too_late"
    sentence = _("A correction could be ordered until %(until)s. %(article)s. Advise the village instead.")


class StillHangingOut(Conflict):
    code = "governance_points.still_hanging_out"
    sentence = _("The charter hangs out until %(until)s. Bring it into force after that day.")


class TownshipStillLooks(Conflict):
    code = "governance_points.township_still_looks"
    sentence = _(
        "The township may order a correction until %(until)s, or take it on file before. %(article)s."
    )
