"""Why somebody may not open a sitting, in Chinese (zh-CN). Pure."""

ERRORS = {
    "series_passed": "您已在「{sitting}」合格，不能再参加同一系列的考试；成绩和证书见“个人中心”",
    "series_result_open": "您在「{sitting}」的成绩还没有最终确定，确定后才能参加下一场；"
    "进度见“个人中心 > 我的学习 > 考试”",
    "series_sitting_open": "您已打开同一系列的「{sitting}」，请先完成那一场；交卷且成绩确定后，才能参加下一场",
    "series_too_early": "同一系列的两次考试须间隔 {days} 天，您可以参加 {day} 起开考的场次",
    "series_tries_used_up": "同一系列的考试最多参加 {tries} 次，您的次数已用完；如有疑问请联系主办单位",
}
