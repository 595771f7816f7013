"""What life events refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Conflict, Invalid


class HouseholdClosed(Conflict):
    code = "residents.household_closed"
    sentence = _("Household %(number)s is closed; its history stays readable. Nothing more can happen to it.")


class NotAMember(Invalid):
    code = "residents.not_a_member"
    sentence = _(
        "This person does not belong to household %(number)s (any more). Look at the household again and choose one of its members."
    )


class HeadMustBeNamed(Invalid):
    code = "residents.head_must_be_named"
    sentence = _(
        "The head leaves household %(number)s, where %(left)s members stay. Say which of them becomes the head."
    )


class HeadNotAmongThem(Invalid):
    code = "residents.head_not_among_them"
    sentence = _("The head of household %(number)s must be one of those who belong to it afterwards.")


class HeadElsewhere(Conflict):
    code = "residents.head_elsewhere"
    sentence = _(
        "This person is the head of household %(number)s, where others stay. Change the head there first."
    )


class HeadAlready(Conflict):
    code = "residents.head_already"
    sentence = _("This person is the head of household %(number)s already. Choose another member.")


class RelationIsHead(Invalid):
    code = "residents.relation_is_head"
    sentence = _("Household %(number)s has a head. Choose what this person is to the head.")


class DayInFuture(Invalid):
    code = "residents.day_in_future"
    sentence = _("The day cannot lie in the future: it may be %(today)s at the latest, found %(found)s.")


class DayTooEarly(Invalid):
    code = "residents.day_too_early"
    sentence = _(
        "According to the register this has been so since %(since)s, so the day cannot be %(found)s. Choose a day from then on."
    )


class DayBeforeBirth(Invalid):
    code = "residents.day_before_birth"
    sentence = _(
        "The person was born in %(year)s, so the day cannot be %(found)s. Compare it with the paper."
    )


class BirthDateNeeded(Invalid):
    code = "residents.birth_date_needed"
    sentence = _("Enter the date of birth: the child belongs to the household from that day on.")


class BasisUnknown(Invalid):
    code = "residents.basis_unknown"
    sentence = _("Choose on which paper this is based; found “%(found)s”.")


class PersonGone(Conflict):
    code = "residents.person_gone"
    sentence = _("The register says that this person has died or was erased. Nothing more can be entered.")


class StillAMember(Conflict):
    code = "residents.still_a_member"
    sentence = _(
        "This person belongs to household %(number)s. For somebody who moves within the village use “married in”."
    )


class RegisteredInOtherVillage(Conflict):
    code = "residents.registered_in_other_village"
    sentence = _(
        "This person is registered in another village. The office there enters “moved away” or “married out” first."
    )


class SamePersonTwice(Invalid):
    code = "residents.same_person_twice"
    sentence = _(
        "Either somebody new is entered, or somebody of the register is chosen. Not both, and one of them."
    )


class NobodyChosen(Invalid):
    code = "residents.nobody_chosen"
    sentence = _("Choose at least one member of household %(number)s.")


class EverybodyChosen(Invalid):
    code = "residents.everybody_chosen"
    sentence = _(
        "All %(found)s members of household %(number)s are chosen, so nobody would stay. Leave at least one, or change the head."
    )


class ShareNotUnderstood(Invalid):
    code = "residents.share_not_understood"
    sentence = _(
        "The share is a number of per cent from 0 to 100 with at most one decimal; found “%(found)s”."
    )


class AgreementNeeded(Invalid):
    code = "residents.agreement_needed"
    sentence = _(
        "Both households have to agree on how the points are divided. Let both sign, then tick that they agree."
    )


class MergedWithItself(Invalid):
    code = "residents.merged_with_itself"
    sentence = _("A household cannot be merged with itself. Choose the household it goes into.")


class OtherVillage(Invalid):
    code = "residents.other_village"
    sentence = _(
        "Household %(number)s belongs to another village. Households merge within a village: across villages the members "
        "move away here and are entered there."
    )


class ChangedMeanwhile(Conflict):
    code = "residents.changed_meanwhile"
    sentence = _(
        "Household %(number)s has changed since you looked at it. Nothing was done. Look at it again and confirm then."
    )


class RequestKeyUsed(Conflict):
    code = "residents.request_key_used"
    sentence = _("This request key was used for something else before. Send a new key for a new request.")
