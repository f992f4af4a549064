"""What is said to operators whose proof or enrolment is refused, in Chinese (zh-CN). Pure."""

ERRORS = {
    "number_invalid": "工号只能包含字母、数字和连字符，最多 32 位",
    "operator_code_refused": "动态码不对或已用过，请等下一个动态码再试",
    "operator_known": "这个姓名或工号已经登记",
    "operator_locked": "动态码连续输错，请 {minutes} 分钟后再试",
    "operator_needed": "已有运营人员，新增须由其中一位填写姓名和动态码",
    "operator_pass_over": "已超过 10 分钟，请重新填写动态码",
    "operator_unknown": "没有登记这位运营人员，或已停用",
    "own_code": "不能给自己更换动态码，请由另一位运营人员操作",
    "last_operator": "这是最后一位可用的运营人员，不能停用",
    "secret_shown": "二维码只显示一次；请由另一位运营人员“更换动态码”",
    "too_many_operators": "运营人员最多登记 {most} 位",
}
