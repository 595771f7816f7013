"""A form with one wrong value: a sentence that says so, what was typed still there, and nothing changed."""

from __future__ import annotations

import pytest

from tests.input import values
from tests.input.forms import DAY, FORMS, YESTERDAY, cases, left_out
from tests.input.pages import assert_said_clearly, is_sentence, screen_of
from tests.input.world import everything_kept, nothing_changes
from xinzhi.scenes.governance_points.models import Deed

#: Too long or impossible to put back into a field; all else comes back as it was typed.
NOT_PUT_BACK = 4000
#: A password never comes back; the step is the page's own.
NEVER_BACK = ("password", "step")
#: Fields without a rule of their own.
FREE_TEXTS = {
    "charter by hand": ("resolution", "title", "category", "legal_basis", "unit"),
    "object to a line": ("note",),
    "return a claim": ("note",),
    "issue a key": ("name",),
}
#: What has no right answer in this world: nobody gave a mandate, and the code and the password are not known.
NEVER_THROUGH = ("act for a household", "enter a code", "log in as staff")


def named(case):
    return "-".join(case)


@pytest.mark.parametrize("case", cases(), ids=named)
def test_a_wrong_value_is_refused_in_words_and_changes_nothing(world, at_screen, case):
    name, field, value = case
    form = FORMS[name]
    typed = form.good(world) | {field: form.refused[field][value]}
    screen = at_screen(form.who)
    with nothing_changes():
        answer = screen.post(form.path(world), typed)
    assert_said_clearly(answer)
    if field not in form.gone:
        assert_still_typed(answer, typed)


@pytest.mark.parametrize("case", left_out(), ids=named)
def test_a_field_left_out_is_named(world, at_screen, case):
    name, field = case
    form = FORMS[name]
    typed = {k: v for k, v in form.good(world).items() if k != field}
    screen = at_screen(form.who)
    with nothing_changes():
        answer = screen.post(form.path(world), typed)
    assert_said_clearly(answer, form.needed[field])


@pytest.mark.parametrize("name", [n for n in FORMS if n not in NEVER_THROUGH])
def test_the_same_form_without_the_mistake_goes_through(world, at_screen, name):
    form = FORMS[name]
    answer = at_screen(form.who).post(form.path(world), form.good(world))
    assert answer.status_code in (200, 302, 303), screen_of(answer).alerts


@pytest.mark.parametrize("odd", values.UNDERSTOOD, ids=values.UNDERSTOOD.get)
def test_what_only_a_machine_finds_odd_is_understood(world, at_screen, odd):
    field, value = odd
    form = FORMS["enter at the desk"]
    latest = Deed.objects.latest("pk")
    answer = at_screen(form.who).post(form.path(world), form.good(world) | {field: value, "done_on": value if field == "done_on" else "2026-11-20"})  # fmt: skip
    assert answer.status_code == 302, screen_of(answer).alerts
    entered = Deed.objects.latest("pk")
    assert entered.pk > latest.pk
    assert (entered.household_id, entered.quantity_tenths) == (world.household.pk, 10)
    assert entered.done_on.isoformat() == "2026-11-20"


@pytest.mark.parametrize(
    ("field", "value"),
    [("done_on", v) for v in DAY] + [("quantity", v) for v in values.QUANTITIES],
)
def test_the_preview_says_why_while_it_is_typed(world, at_screen, field, value):
    wrong = (DAY if field == "done_on" else values.QUANTITIES)[value]
    screen = at_screen("villager")
    typed = {"done_on": YESTERDAY, "quantity": "1"} | {field: wrong}
    with nothing_changes():
        answer = screen.post("/governance_points/claim/D02/preview/", typed, HTTP_HX_REQUEST="true")
    assert answer.status_code == 200
    assert is_sentence(screen_of(answer).said), screen_of(answer).said


@pytest.mark.parametrize(
    ("name", "field"),
    [
        (name, f)
        for name, form in FORMS.items()
        for f in sorted({*form.refused, *form.needed, *FREE_TEXTS.get(name, ())})
    ],
)
def test_a_zero_byte_is_dropped_or_refused_in_words(world, at_screen, name, field):
    """PostgreSQL keeps none; a machine may send one anywhere."""
    form = FORMS[name]
    typed = form.good(world)
    typed[field] = f"{typed.get(field) or ''}\x00"
    screen = at_screen(form.who)
    before = everything_kept()
    answer = screen.post(form.path(world), typed)
    if answer.status_code >= 400:
        assert_said_clearly(answer)
        assert everything_kept() == before


def assert_still_typed(answer, typed: dict) -> None:
    """Every other field, and the wrong one where it can be shown, stands as it was typed."""
    stands = screen_of(answer).values
    for field in set(typed) & set(stands) - set(NEVER_BACK):
        for text in typed[field] if isinstance(typed[field], list) else [typed[field]]:
            if text.strip() and len(text) < NOT_PUT_BACK:
                found = [each.strip() for each in stands[field]]
                assert text.strip() in found, f"{field} holds {found} instead of {text!r}"
