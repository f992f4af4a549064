"""Why somebody may not open a sitting, in all languages. Pure."""

from chalicelib.shared.languages import Sentence

ERRORS = {
    "series_passed": Sentence(
        "您已在「{sitting}」合格，不能再参加同一系列的考试；成绩和证书见“个人中心”",
        "You have passed “{sitting}”, so you cannot take another exam of the same series. "
        "Your result and certificate are in “My account”",
    ),
    "series_result_open": Sentence(
        "您在「{sitting}」的成绩还没有最终确定，确定后才能参加下一场；"
        "进度见“个人中心 > 我的学习 > 考试”",
        "Your result of “{sitting}” is not final yet. You can take the next sitting when it "
        "is. “My account > My learning > Exams” shows how it stands",
    ),
    "series_sitting_open": Sentence(
        "您已打开同一系列的「{sitting}」，请先完成那一场；交卷且成绩确定后，才能参加下一场",
        "You have opened “{sitting}” of the same series. Please finish it first. You can take"
        " the next sitting after you have handed in and your result is final",
    ),
    "series_too_early": Sentence(
        "同一系列的两次考试须间隔 {days} 天，您可以参加 {day} 起开考的场次",
        "Two exams of the same series must be {days} days apart. You can take sittings that "
        "start on {day} or later",
    ),
    "series_tries_used_up": Sentence(
        "同一系列的考试最多参加 {tries} 次，您的次数已用完；如有疑问请联系主办单位",
        "You can take exams of the same series at most {tries} times, and you have used all "
        "of them. If you have questions, please contact the organiser",
    ),
}
