"""Errors about looking people up, in Chinese (zh-CN). Pure."""

ERRORS = {
    "exam_needed": "按姓名或证件号码末几位查找，请先选择考试",
    "number_unclear": "没有认出其中的号码：请核对位数，或只填一个号码、一个完整的姓名",
    "too_many_numbers": "一次最多查 {most} 个号码，请分开查找",
}
