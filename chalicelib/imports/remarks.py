"""Remarks of an import: what is not refused, but should be looked at. Pure."""

import enum
from collections.abc import Sequence

import msgspec

from chalicelib.imports import texts

_MAX_ROWS_NAMED = 20  # in one remark


class Advice(enum.Enum):
    """What an import does not refuse, but points out."""

    DUPLICATE_STEM = "duplicate_stem"
    NO_EXPLANATION = "no_explanation"
    ALL_OPTIONS_RIGHT = "all_options_right"
    TEMPLATE_ROW = "template_row"
    JUDGE_AS_SINGLE = "judge_as_single"
    TYPE_BY_NAME = "type_by_name"
    COLUMN_LEFT_OUT = "column_left_out"
    SHEET_LEFT_OUT = "sheet_left_out"
    PICTURE_LEFT_OUT = "picture_left_out"
    PICTURE_WITHOUT_ALT = "picture_without_alt"
    PICTURES_UNREADABLE = "pictures_unreadable"
    OBJECT_LEFT_OUT = "object_left_out"
    MACROS_LEFT_OUT = "macros_left_out"
    HIDDEN_ROW_LEFT_OUT = "hidden_row_left_out"
    HIDDEN_COLUMN_LEFT_OUT = "hidden_column_left_out"
    HIDDEN_SHEET_LEFT_OUT = "hidden_sheet_left_out"
    HIDDEN_TEXT_LEFT_OUT = "hidden_text_left_out"
    STRUCK_ROW_LEFT_OUT = "struck_row_left_out"
    STRUCK_TEXT_LEFT_OUT = "struck_text_left_out"
    MARKUP_LEFT_OUT = "markup_left_out"
    FILE_LEFT_OUT = "file_left_out"
    READ_AS_BANK = "read_as_bank"
    READ_AS_ROSTER = "read_as_roster"
    HIDDEN_CHARACTERS_REMOVED = "hidden_characters_removed"
    QUOTES_REMOVED = "quotes_removed"
    NUMBER_CUT_OFF = "number_cut_off"
    OPENED_KEEPS_TIME = "opened_keeps_time"
    NEEDS_PHOTOS = "needs_photos"
    WITHOUT_PHOTO = "without_photo"
    PHOTO_STAYS = "photo_stays"
    OWN_POINTS = "own_points"
    LETTER_REMOVED = "letter_removed"
    NUMBER_REMOVED = "number_removed"
    TYPE_MARK_REMOVED = "type_mark_removed"
    ORDER_KEPT = "order_kept"
    OPTION_PINNED = "option_pinned"
    LETTER_NAMED = "letter_named"
    ANSWER_IN_STEM = "answer_in_stem"
    KEY_MARK_REMOVED = "key_mark_removed"
    BLANK_ADDED = "blank_added"
    ANSWERS_PARTED = "answers_parted"
    ANSWER_ALTERNATIVES = "answer_alternatives"
    ANSWER_RANGE = "answer_range"
    ANSWER_RAISED = "answer_raised"
    TYPE_BY_CONTENT = "type_by_content"
    MARKUP_READ = "markup_read"
    KIND_LEFT_OUT = "kind_left_out"
    PART_LEFT_OUT = "part_left_out"
    SCORED_OTHERWISE = "scored_otherwise"
    SERIES_FEW_SITTINGS = "series_few_sittings"
    SERIES_TOO_CLOSE = "series_too_close"
    SERIES_OVERLAP = "series_overlap"


class Remark(msgspec.Struct, frozen=True):
    """One piece of advice on one file: how many rows it is about (0: the whole file), and the first of them."""

    advice: Advice
    file: str
    reason: str
    count: int = 0
    rows: tuple[int, ...] = ()


def remark_on_file(advice: Advice, file: str = "", **values: str) -> Remark:
    """A remark on a whole file; `values` fill its text."""
    return Remark(advice, file, texts.advice_message(advice.value, **values))


def remark_on_rows(advice: Advice, file: str, rows: Sequence[int], **values: str) -> list[Remark]:
    """A remark on these rows; no remark when there are none. `values` fill its text."""
    if not rows:
        return []
    named = tuple(rows[:_MAX_ROWS_NAMED])
    return [Remark(advice, file, texts.advice_message(advice.value, **values), len(rows), named)]
