"""Identity numbers and credit codes: the vectors of the standards, and what is only a warning."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.kernel.residents import credit_codes
from xinzhi.kernel.residents.credit_codes import (
    CreditCodeCheckWrong,
    CreditCodeNotUnderstood,
    check_credit_code,
)
from xinzhi.kernel.residents.identity_numbers import (
    IdentityNumberCheckWrong,
    IdentityNumberDateWrong,
    IdentityNumberNotUnderstood,
    check_character,
    check_resident_id,
    upgrade_15,
)


def with_check(seventeen: str) -> str:
    return seventeen + check_character(seventeen)


@pytest.mark.parametrize(
    ("number", "birth_date", "sex"),
    [
        ("11010519491231002X", date(1949, 12, 31), "2"),
        ("360426199101010071", date(1991, 1, 1), "1"),
        ("11010519491231002x", date(1949, 12, 31), "2"),
        ("１１０１０５１９４９１２３１００２Ｘ", date(1949, 12, 31), "2"),
        (" 110105 1949-1231 002X\u200b", date(1949, 12, 31), "2"),
        ("'360426199101010071", date(1991, 1, 1), "1"),
    ],
)
def test_t19_resident_id_vectors_valid(number: str, birth_date: date, sex: str) -> None:
    checked = check_resident_id(number)
    assert (checked.birth_date, checked.sex, checked.kind, checked.warnings) == (
        birth_date,
        sex,
        "resident",
        (),
    )


@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        ("36042619910102009X", IdentityNumberCheckWrong),
        ("110105194912310021", IdentityNumberCheckWrong),
        ("11010519490231002X", IdentityNumberDateWrong),
        (with_check("11010529990101001"), IdentityNumberDateWrong),
        (with_check("11010517990101001"), IdentityNumberDateWrong),
        ("1101051949123100", IdentityNumberNotUnderstood),
        ("11010519491231002XX", IdentityNumberNotUnderstood),
        ("", IdentityNumberNotUnderstood),
        ("１１０１０５①９４９１２３１００２Ｘ９", IdentityNumberNotUnderstood),
        ("01010519491231002X", IdentityNumberNotUnderstood),
        ("X" * 18, IdentityNumberNotUnderstood),
    ],
)
def test_t19_resident_id_vectors_invalid(number: str, refusal: type[Invalid]) -> None:
    with pytest.raises(refusal):
        check_resident_id(number)


def test_t19_people_of_anji_born_before_1983_are_valid_though_python_stdnum_refuses_them() -> None:
    from stdnum.cn import ric

    for year in (1931, 1950, 1975, 1982):
        number = with_check(f"330523{year}0615102")
        assert not ric.is_valid(number)
        assert check_resident_id(number).warnings == ()


def test_t19_an_unknown_area_is_only_a_warning() -> None:
    assert check_resident_id(with_check("99990019800101001"[:0] + "77990019800101001")).warnings == (
        "region_unknown",
    )


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [("810000", "hong_kong"), ("820000", "macao"), ("830000", "taiwan"), ("933156", "foreigner")],
)
def test_permits_with_the_same_form_are_taken(prefix: str, kind: str) -> None:
    checked = check_resident_id(with_check(prefix + "19900203004"))
    assert (checked.kind, checked.birth_date, checked.warnings) == (kind, date(1990, 2, 3), ())


@pytest.mark.parametrize(
    ("fifteen", "eighteen"),
    [
        ("110105491231002", "11010519491231002X"),
        ("360426910101007", "360426199101010071"),
        ("330523110615996", with_check("33052318110615996"[:17])),
    ],
)
def test_old_numbers_of_15_digits_are_upgraded(fifteen: str, eighteen: str) -> None:
    if eighteen[6:8] == "19":
        checked = check_resident_id(fifteen)
        assert (checked.number, checked.warnings) == (eighteen, ("upgraded_from_15",))
    else:  # the sequence numbers of people over a hundred: born in the 19th century
        with pytest.raises(IdentityNumberDateWrong):  # 1811: not possible any more
            upgrade_15(fifteen)
        assert upgrade_15("330523990615996").startswith("33052318990615996")


@given(
    st.integers(110000, 659999),
    st.dates(date(1900, 1, 1), date(2025, 12, 31)),
    st.integers(0, 999),
    st.integers(0, 16),
    st.integers(1, 9),
)
def test_any_single_wrong_digit_is_noticed(
    area: int, born: date, sequence: int, place: int, shift: int
) -> None:
    number = with_check(f"{area}{born:%Y%m%d}{sequence:03d}")
    assert check_resident_id(number).birth_date == born
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    with pytest.raises(Invalid):
        check_resident_id(wrong)


def credit_code_with_check(seventeen: str) -> str:
    return seventeen + credit_codes.check_character(seventeen)


def test_t18_credit_code_starting_with_n_is_accepted() -> None:
    from stdnum.cn import uscc

    code = credit_code_with_check("N2330523MF1234567")
    assert not uscc.is_valid(code)  # the library refuses rural collectives
    checked = check_credit_code(code)
    assert (checked.is_rural_collective, checked.region6) == (True, "330523")


def test_t18_check_index_0_case() -> None:
    """Where the weighted sum is divisible by 31 the check character is “0”, not beyond the alphabet."""
    found = 0
    for n in range(2000):
        seventeen = f"N2330523MF{n:07d}"
        if credit_codes.check_character(seventeen) == "0":
            found += 1
            assert check_credit_code(seventeen + "0").code.endswith("0")
    assert found > 20


@pytest.mark.parametrize(
    "code", ["91110000600037341L", "91110000600037341l", "９１１１００００６０００３７３４１Ｌ"]
)
def test_t18_vectors_valid(code: str) -> None:
    assert check_credit_code(code).department == "9"


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("91110000600037341N", CreditCodeCheckWrong),
        ("9111000060003734IL", CreditCodeNotUnderstood),
        ("91A10000600037341L", CreditCodeNotUnderstood),
        ("91110000600037341", CreditCodeNotUnderstood),
        ("Z1110000600037341L", CreditCodeNotUnderstood),
        ("", CreditCodeNotUnderstood),
    ],
)
def test_t18_vectors_invalid(code: str, refusal: type[Invalid]) -> None:
    with pytest.raises(refusal):
        check_credit_code(code)


@given(st.integers(10**6, 10**9 - 1).map(str).map(lambda s: "92330523" + s.rjust(9, "A")))
def test_credit_codes_agree_with_python_stdnum_where_both_apply(seventeen: str) -> None:
    from stdnum.cn import uscc

    code = credit_code_with_check(seventeen)
    assert uscc.is_valid(code)
    assert check_credit_code(code).code == code
