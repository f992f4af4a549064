"""What accounts say to people who sign in or register, in Chinese (zh-CN). Pure."""

ERRORS = {
    "account_unknown": "该手机号尚未注册，请先点击“新用户注册”",
    "agreements_required": "请先阅读并同意：{missing}",
    "captcha_wrong": "图形验证码错误或已失效，请换一张重新输入",
    "code_wrong": "验证码错误或已失效",
    "codes_paused": "短信验证码发送量已达上限，暂时无法发送，请稍后再试",
    "not_signed_in": "请先登录",
    "phone_invalid": "请输入正确的大陆手机号",
    "phone_taken": "该手机号已注册，请直接登录",
    "provider_linked": "您在该平台的账号已关联其他考试账号，请重新从该平台登录；如非本人操作，请拨打客服电话",
    "provider_unavailable": "暂时无法连接{title}，请稍后重试，或使用手机快捷登录",
    "session_expired": "登录已失效，请重新登录",
    "sign_in_failed": "本次登录未完成或已失效，请返回考试页面，重新点击登录按钮",
}
