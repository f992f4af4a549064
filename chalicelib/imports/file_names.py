"""What the path of a file tells: system files, names of banks and of lists of people, why a file is not read. Pure."""

import re

from chalicelib.imports import texts

# Operating systems, editors and spreadsheet programs leave these beside files.
_NOT_OURS = re.compile(
    r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$|~\$|\.~|\.git/|\.svn/)",
    re.IGNORECASE,
)
_BANK = re.compile(r"question|bank|题|试卷", re.IGNORECASE)
_ROSTER = re.compile(r"roster|名单|名册|报名|考生|应考|参考人员", re.IGNORECASE)
_CERTAINLY_PEOPLE = re.compile(r"roster|名单|名册", re.IGNORECASE)
_MAYBE_PEOPLE = re.compile(
    r"报名|考生|应考|人员|candidate|student|people|participant|attendee", re.IGNORECASE
)
_ABOUT_PEOPLE = re.compile(r"须知|说明|通知|手册|指南|公告|承诺|题|readme|guide", re.IGNORECASE)
_WHY = {
    re.compile(r"\.(png|jpe?g|gif|bmp|webp|svg|tiff?|heic|emf|wmf)$", re.IGNORECASE): "picture",
    re.compile(r"\.(docx?|pdf|wps|rtf|pptx?|md|html?)$", re.IGNORECASE): "document",
    re.compile(r"\.(xlsb|numbers)$", re.IGNORECASE): "spreadsheet",
    re.compile(r"\.(zip|rar|7z)$", re.IGNORECASE): "archive",
}


def is_system_file(path: str) -> bool:
    """Whether this is a folder, or a file that a system or a program has made, not a person."""
    return path.endswith("/") or _NOT_OURS.search(path) is not None


def is_bank_name(path: str) -> bool:
    """Whether the path names a question bank."""
    return _BANK.search(path) is not None


def is_roster_name(path: str) -> bool:
    """Whether the path names a roster, and no notice about one."""
    return _ROSTER.search(path) is not None and not _ABOUT_PEOPLE.search(path)


def may_be_people(path: str) -> bool:
    """Whether a file that is not read may be a list of people, by its path. A bank may have people in its name."""
    if _CERTAINLY_PEOPLE.search(path):
        return True
    about = _ABOUT_PEOPLE.search(path) or path.startswith("questions/") or _why(path) == "picture"
    return _MAYBE_PEOPLE.search(path) is not None and not about


def why_unread(path: str) -> str:
    """Why a file of this name is not read, and what to do."""
    return texts.UNREAD[_why(path)]


def _why(path: str) -> str:
    return next((why for pattern, why in _WHY.items() if pattern.search(path)), "other")
