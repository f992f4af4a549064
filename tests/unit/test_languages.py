"""Languages: what a header asks for, sentences in all languages, and that every text for candidates is complete."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chalicelib
from chalicelib.handlers import endpoint
from chalicelib.messages.errors import ERRORS, error_message
from chalicelib.shared.languages import (
    NOTHING,
    Language,
    Sentence,
    joined,
    preferred,
    say,
)
from tests.cloud import ROOT

CHINESE = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]")
PLACEHOLDER = re.compile(r"{\w+}")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", Language.ZH),
        ("zh-CN", Language.ZH),
        ("en", Language.EN),
        ("EN-us", Language.EN),
        ("en-GB,en;q=0.9", Language.EN),
        ("zh-CN,zh;q=0.9,en;q=0.8", Language.ZH),
        ("en;q=0.8,zh-CN;q=0.9", Language.ZH),
        ("en;q=0.9,zh-CN;q=0.8", Language.EN),
        ("zh;q=0.8, en;q=0.8", Language.ZH),
        ("en;q=0.8, zh;q=0.8", Language.EN),
        ("fr, en;q=0.1", Language.EN),
        ("fr;q=1", Language.ZH),
        ("*", Language.ZH),
        ("en;q=0", Language.ZH),
        ("en;q=0.001", Language.EN),
        ("en;q=1.000", Language.EN),
        ("en;q=1.001", Language.ZH),
        ("en;q=-1", Language.ZH),
        ("en;q=nan", Language.ZH),
        ("en;q=much", Language.ZH),
        ("en;level=1", Language.ZH),
        ("english", Language.ZH),
        (" en ; Q=0.5 ", Language.EN),
        (",,;;q=,", Language.ZH),
        ("fr," * 66 + "en", Language.EN),
        ("fr," * 67 + "en", Language.ZH),  # further than we read
    ],
)
def test_a_header_asks_for_a_language(header: str, language: Language) -> None:
    assert preferred(header) is language


@given(st.text(max_size=300))
def test_no_header_is_an_error(header: str) -> None:
    assert preferred(header) in Language


HELLO = Sentence("您好，{name}", "Hello, {name}")


def test_a_sentence_is_its_chinese_text_and_says_all_of_them() -> None:
    assert HELLO == "您好，{name}"
    assert [say(HELLO, language) for language in Language] == ["您好，{name}", "Hello, {name}"]
    assert say("95763", Language.EN) == "95763"
    assert type(say(HELLO, Language.ZH)) is type(str(HELLO)) is str


def test_what_is_made_of_sentences_has_all_languages() -> None:
    who = Sentence("考生", "candidate")
    assert HELLO.format(name=who).en == "Hello, candidate"
    assert HELLO.format(name=who) == "您好，考生"
    assert HELLO.format(name=3).en == "Hello, 3"
    assert (who + who).en == "candidatecandidate"
    assert (who + "!").en == "candidate!"
    assert joined([who, NOTHING, who]) == "考生；考生"
    assert joined([who, NOTHING, who]).en == "candidate; candidate"
    assert not joined([])


def test_an_error_says_its_details_in_the_language() -> None:
    details = {"missing": [Sentence("甲", "A"), "乙"]}
    assert error_message("agreements_required", details).endswith("甲、乙")
    assert error_message("agreements_required", details, Language.EN).endswith("A, 乙")
    body = endpoint.error_body("agreements_required", details, Language.EN)
    assert json.loads(body)["error"]["details"] == {"missing": ["A", "乙"]}


def test_an_error_of_operators_is_chinese_in_every_language() -> None:
    said = {error_message("exam_over", {}, language) for language in Language}
    assert said == {str(ERRORS["exam_over"])}


def test_what_is_no_sentence_does_not_get_into_an_answer() -> None:
    with pytest.raises(TypeError, match="object does not belong"):
        msgspec.json.encode(object(), enc_hook=endpoint._Speaker(Language.ZH))


def sentences() -> Iterator[tuple[str, Sentence]]:
    """Every sentence that a module of `chalicelib` names, with where it stands."""
    for module in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if not name.startswith("__"):
                yield from inside(f"{module.name}.{name}", value)


def inside(place: str, value: Any) -> Iterator[tuple[str, Sentence]]:
    """The sentences in a table, however deep."""
    if isinstance(value, Sentence):
        yield place, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from inside(f"{place}.{key}", one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from inside(place, one)


ALL = list(sentences())


def test_every_text_for_candidates_is_complete_in_every_language() -> None:
    assert len(ALL) > 200
    for place, sentence in ALL:
        texts = [say(sentence, language) for language in Language]
        assert all(texts) or not any(texts), f"{place} is empty in a language"
        assert len({frozenset(PLACEHOLDER.findall(text)) for text in texts}) == 1, place


def test_chinese_is_chinese_and_english_has_no_chinese() -> None:
    for place, sentence in ALL:
        assert CHINESE.search(sentence) or not sentence or PLACEHOLDER.search(sentence), place
        assert not CHINESE.search(sentence.en), place


def test_what_a_route_may_refuse_is_said_in_all_languages_and_the_rest_is_for_operators() -> None:
    page = (ROOT / "docs/errors.md").read_text("utf-8").split("## Answers that are not")[0]
    for_candidates, for_operators = page.split("## Operators' commands")
    code = re.compile(r"^\| `(\w+)` \|", re.M)
    spoken = {code for code, text in ERRORS.items() if isinstance(text, Sentence)}
    assert spoken == set(code.findall(for_candidates))
    assert not spoken & set(code.findall(for_operators))


def test_an_answer_that_caches_keep_has_no_sentence() -> None:
    """It is the same in all languages, so no cache has to know the language."""
    for entry in endpoint.ROUTES:
        if entry.max_age_s:
            msgspec.json.schema_components([entry.answer])  # refuses what is no plain JSON
