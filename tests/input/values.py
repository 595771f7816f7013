"""Values nobody should send, by what the field asks for. Each is refused by every field of its kind.

To try one more, add a line; to try a new form, add it to `forms.py`.
"""

from __future__ import annotations

#: What is written into a field: a name for the test, and the text.
LONG = "长" * 1_000_000

DAYS = {
    "nothing": "",
    "spaces": "   ",
    "a day that is not in the calendar": "2026-02-30",
    "a month that is not in the calendar": "2026-13-01",
    "year zero": "0000-01-01",
    "a year of five digits": "12026-01-01",
    "words": "昨天",
    "a moment": "2026-11-20T08:00:00Z",
    "another order": "20/11/2026",
    "digits without end": "9" * 5000,
    "a sum": "=DATE(2026,11,20)",
}
#: Days that exist but lie where no deed can be.
FAR_DAYS = {"the first year": "0001-01-01", "the last year": "9999-12-31"}
QUANTITIES = {
    "more than at a time": "5",
    "negative": "-1",
    "negative with a full-width sign": "－1",
    "zero": "0",
    "below a tenth": "0.05",
    "not a number": "NaN",
    "infinite": "Infinity",
    "an exponent": "1e3",
    "huge": "9" * 400,
    "digits without end": "9" * 5000,
    "words": "两个半天",
    "a fraction": "1/2",
    "a comma": "1,5",
    "hexadecimal": "0x10",
    "underscored": "1_0",
    "markup": "<b>1</b>",
}
IDS = {
    "words": "first",
    "negative": "-1",
    "zero": "0",
    "beyond bigint": str(2**63),
    "digits without end": "9" * 5000,
    "an exponent digit": "²",
    "two at once": "1,2",
    "a sum": "1+1",
    "markup": "<script>alert(1)</script>",
}
#: Codes chosen from a list.
CHOICES = {
    "nothing": "",
    "unknown": "no_such_thing",
    "of another case": "C01 ",
    "long": LONG,
    "markup": "<script>alert(1)</script>",
    "an injection": "'; DROP TABLE governance_points_deed; --",
    "a per cent sign": "%(found)s %s %",
}
PHONES = {
    "nothing": "",
    "ten digits": "1390000000",
    "words": "我的手机",
    "a landline": "057212345678",
    "digits without end": "1" * 5000,
    "markup": "<script>alert(1)</script>",
    "two at once": "13900000001,13900000002",
}
CODES = {
    "nothing": "",
    "words": "验证码",
    "five digits": "12345",
    "digits without end": "1" * 5000,
    "digits of another script": "٣٣٣٣٣٣",
    "markup": "<script>alert(1)</script>",
    "a long text": LONG,
}
#: Values that look odd to a machine only, and what they mean: they go through.
UNDERSTOOD = {
    ("household_no", "GJ\u200b0001"): "a character nobody sees",
    ("household_no", "\u202dGJ0001\u202c"): "marks of direction, as address books add them",
    ("household_no", "ＧＪ０００１"): "full-width letters and digits",
    ("household_no", "  GJ0001\u3000"): "wide spaces",
    ("quantity", "１"): "a full-width digit",
    ("quantity", "1\ufeff"): "a byte order mark",
    ("quantity", "１．０"): "a full-width point",
    ("quantity", "+1"): "a sign",
    ("done_on", "2026-11-20\u200b"): "a day with a character nobody sees",
    ("done_on", "２０２６－１１－２０"): "a day in full-width digits",
}
