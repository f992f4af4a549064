"""Numbers that people type or paste: certificates, tickets, phones, ID numbers, captchas and codes. Pure.

One rule holds for all of them. The page has the same rule in `web/src/lib/typed-numbers.ts`; both are tested with
`tests/unit/typed_numbers.json`.
"""

import re
import unicodedata
from typing import Final

# They look like a dash, but are none (Pd) in Unicode: minus, modifier minus, hyphen bullet, long vowel mark.
_LIKE_A_DASH: Final = "\u2212\u02d7\u2043\u30fc"
_AROUND: Final = " 。、,;:!"  # what is copied with a number out of a sentence
# What stands in front of a number on paper, on pages and in messages. `NO` alone may begin the number of a passport.
_LABEL: Final = re.compile(
    r"^(?:(?:证书编号|证书号码|证书号|证书|工单编号|工单号|工单|投诉编号|投诉号|投诉"
    r"|手机号码|手机号|手机|联系电话|电话|公民身份号码|身份证号码|身份证号|身份证|证件号码|证件号|护照号码|护照号|护照"
    r"|图形验证码|语音验证码|短信验证码|验证码|动态码|考试记录编号|记录编号|编号|号码|姓名|考生|No *[.:]) *[:.]* *)+",
    re.IGNORECASE,
)


def visible(text: str) -> str:
    """The text in normal width. Every kind of space is ` `, every dash is `-`; invisible characters are removed."""
    normal = unicodedata.normalize("NFKC", text.replace("№", "No."))
    return "".join(map(_plain, normal)).strip(" ")


def without_label(text: str) -> str:
    """The visible text without a label in front (`证书编号：`, `No.`) and without marks around it."""
    return _LABEL.sub("", visible(text).strip(_AROUND)).strip(_AROUND)


def plain_number(text: str) -> str:
    """The number in its normal form: without label, spaces, dashes and a full stop at its end, in upper case."""
    return without_label(text).replace(" ", "").replace("-", "").rstrip(".").upper()


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] == "Z" or character in "\t\n\v\f\r":
        return " "
    if category == "Pd" or character in _LIKE_A_DASH:
        return "-"
    return "" if category in ("Cc", "Cf") else character
