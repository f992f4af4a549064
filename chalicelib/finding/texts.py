"""Errors about looking people up, in Chinese (zh-CN). Pure."""

ERRORS = {
    "exam_needed": "按姓名查找，请先选择考试",
}
