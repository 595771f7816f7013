"""Masking: what village notices show, and that nothing masked ever shows the whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.kernel.residents import masking

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
ANY = st.characters(exclude_characters="*", exclude_categories=("Cs", "Cc"))


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张明", "张*"),
        ("张小明", "张*明"),
        ("张小小明", "张**明"),
        ("明", "*"),
        ("欧阳明", "欧阳*"),
        ("欧阳小明", "欧阳*明"),
        ("诸葛孔明亮", "诸葛**亮"),
        ("欧阳", "欧*"),
        ("阿依古丽·买买提", "阿*·买*"),
        ("阿·买买提·吐尔逊", "*·买*·吐*"),
        ("John Smith", "J* S*"),
        ("Madonna", "M*"),
        ("J", "*"),
        ("𠮷野明", "𠮷*明"),
        ("", "*"),
        ("·", "*"),
    ],
)
def test_names_are_masked_as_in_village_notices(name: str, masked: str) -> None:
    assert masking.mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"),
        ("138 1234 5678", "138****5678"),
        ("057212345678", "****78"),
        ("1234567", "****67"),
        ("110", "****"),
        ("", "****"),
    ],
)
def test_phones_are_masked(phone: str, masked: str) -> None:
    assert masking.mask_phone(phone) == masked


def test_identity_numbers_show_nothing_and_to_the_owner_the_last_four() -> None:
    assert masking.mask_id_number("330220194505010230") == "****"
    assert masking.mask_id_number("330220194505010230", owner=True) == "****0230"


def test_bank_cards_show_the_last_four() -> None:
    assert masking.mask_bank_card("6222 0212 3456 7890") == "****7890"
    assert masking.mask_bank_card("7890") == "****"


def test_a_field_without_a_rule_shows_nothing() -> None:
    assert masking.mask_value("address", "somewhere") == "****"
    assert masking.mask_value("whatever", "x") == "****"


@given(st.one_of(st.text(ANY, min_size=1, max_size=20), st.text(HAN, min_size=1, max_size=6)))
def test_no_masked_name_contains_the_whole_name(name: str) -> None:
    masked = masking.mask_name(name)
    assert "*" in masked
    assert not name.strip() or name.strip() not in masked


@given(st.text(HAN, min_size=2, max_size=6))
def test_a_masked_han_name_hides_at_least_one_character_and_half_of_a_given_name(name: str) -> None:
    masked = masking.mask_name(name)
    assert sum(a == b for a, b in zip(name, masked, strict=False)) < len(name)
    assert len(masked) <= len(name) + 1


@given(
    st.sampled_from(["phone", "id_number", "bank_card", "address", "name", "birth_date"]),
    st.text("0123456789X", min_size=7, max_size=20),
    st.booleans(),
)
def test_no_masked_number_contains_the_whole_number(field: str, value: str, owner: bool) -> None:
    assert value not in masking.mask_value(field, value, owner=owner)
