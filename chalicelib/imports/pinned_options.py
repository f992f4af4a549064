"""Which options keep their places when a paper is shuffled: 以上都对, A和B, what a text names by letter. Pure."""

import re
import unicodedata

from chalicelib.exams.content import Content, plain_text
from chalicelib.exams.questions import LETTERS

# What an option that refers to others says of them, in capitals. An option with any other word is no reference.
_WORDS = (
    *("选项", "答案", "说法", "观点", "表述", "情形", "情况", "做法", "行为", "条件", "内容"),
    *("项", "者", "种", "个", "方式", "措施", "一", "二", "两", "三", "四", "五", "六", "七", "八"),
    *("各", "几", "所有", "全部", "全", "都", "均", "皆", "同时", "也", "中", "之一", "任一"),
    *(
        "仅",
        "只",
        "只有",
        "仅有",
        "和",
        "与",
        "及",
        "以及",
        "或",
        "或者",
        "、",
        ",",
        ";",
        "/",
        r"\+",
        "&",
    ),
    *("不", "没有", "没", "无", "未", "非", "对", "错", "是", "选", "有", "正确", "错误", "准确"),
    *(
        "可以",
        "可",
        "符合",
        "包括",
        "包含",
        "属于",
        "成立",
        "适用",
        "满足",
        "具备",
        "要求",
        "规定",
        "的",
    ),
    *("以上", "上述", "前述", "上列", "其他", "其它", "其余", "另外", "余下", "剩余"),
    *("[前后上下第][一二两三四五六七八1-8]", "[1-8]"),
    r"\b(?:ALL|NONE|ANY|BOTH|EITHER|NEITHER|ONLY|AND|OR|NOR|OF|THE|ABOVE|THEM|THESE)\b",
    r"\b(?:ARE|IS|NOT|TRUE|FALSE|RIGHT|WRONG|CORRECT|INCORRECT|OPTIONS?)\b",
)
_LETTERS = re.compile(r"(?<![A-Z0-9])[A-H]{1,8}(?![A-Z0-9])")
_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_REFERENCE = re.compile(rf"(?>{_LETTERS.pattern}|{_WORD}|\s)+")
# Places: 前三项, 第一项和第二项. Options above: 以上都对. All others: 其余各项, 三者都是, 都不对.
_PLACES = re.compile(
    "(?<!以)[前后上下][一二两三四五六七八1-8](?:项|者|种|个选项|个答案|个说法)"
    "|第[一二三四五六七八1-8](?:[项种个、,和与及]|选项)"
)
_ABOVE = re.compile(r"(?:以上|上述|前述|上列)|.*\bABOVE\b")
_OTHERS = re.compile(
    "(?:其他|其它|其余|另外|余下|剩余)."
    "|(?:[两二三四五六七八][项者种])?(?:都|均|皆|全(?!部$))."
    "|(?:没有|无)(?=正确|答案|选项)|(?:ALL|NONE|ANY) OF THE"
)
# A stem or an explanation that names an option: 选项C, A项错, 故选B, 答案为 B, B正确.
_NAMED = re.compile(
    r"选项[A-H](?![A-Z0-9])"
    r"|(?<![A-Z0-9])[A-H]{1,8}(?:[两二三四]?项(?!目)|选项)"
    r"|(?:选择?|答案[是为]?):?[A-H]{1,8}(?=\W|$)"
    r"|(?<![A-Z0-9])[A-H]{1,8}(?:说法|表述)?(?:[都均皆]?(?:不?正确|错误|有误|不对|错)|对(?=\W|$))"
)


def pinned_by_options(options: tuple[Content, ...]) -> str:
    """The letters of the options that keep their places because of what the options say.

    All of them when one names others by letter or place. An option that speaks of those above it keeps its place, and
    so do those below it; one that speaks of all others keeps its own place.
    """
    letters = LETTERS[: len(options)]
    texts = [_normal(option) for option in options]
    references = [bool(_REFERENCE.fullmatch(text)) for text in texts]
    pinned = ""
    for place, text in enumerate(texts):
        if not references[place]:
            continue
        if _PLACES.search(text) or _names_letters(text):
            return letters
        if _ABOVE.match(text):
            return "".join(sorted({*pinned, *letters[place:]}))
        if _OTHERS.match(text):
            pinned += letters[place]
    return pinned


def names_letter(text: Content) -> bool:
    """Whether a stem or an explanation names an option by its letter, so that the letters must not change."""
    return bool(_NAMED.search("".join(_normal(text).split())))


def pinned_by_content(stem: Content, options: tuple[Content, ...], explanation: Content) -> str:
    """The letters of the options that keep their places because of what the question says anywhere."""
    if names_letter(stem) or names_letter(explanation):
        return LETTERS[: len(options)]
    return pinned_by_options(options)


def _normal(text: Content) -> str:
    """The text in capitals and half width, with blanks between Latin words alone, and without a full stop."""
    plain = unicodedata.normalize("NFKC", plain_text(text)).upper()
    return re.sub(r"(?<![A-Z,])\s+|\s+(?![A-Z])", "", plain).strip("。.;")


def _names_letters(text: str) -> bool:
    """Whether a reference names letters: several in their order, or one with a word (仅A, A正确)."""
    runs = _LETTERS.findall(text)
    return len(text) > 1 and bool(runs) and all(list(run) == sorted(run) for run in runs)
