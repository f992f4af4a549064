"""What accounts say to people who sign in or register, in all languages. Pure."""

from chalicelib.shared.languages import Sentence

ERRORS = {
    "account_unknown": Sentence(
        "该手机号尚未注册，请先点击“新用户注册”",
        "No account has this mobile number yet. Please choose “Create an account” first",
    ),
    "agreements_required": Sentence(
        "请先阅读并同意：{missing}", "Please read and agree to: {missing}"
    ),
    "captcha_wrong": Sentence(
        "验证码不正确或已失效，请按新换的图片或语音填写",
        "That was not right, or it has expired. Please type what the new picture or sound says",
    ),
    "code_wrong": Sentence("验证码错误或已失效", "The SMS code is wrong or has expired"),
    "codes_paused": Sentence(
        "短信验证码发送量已达上限，暂时无法发送，请稍后再试",
        "The limit of SMS codes has been reached, so none can be sent now. Please try again later",
    ),
    "not_signed_in": Sentence("请先登录", "Please sign in first"),
    "phone_invalid": Sentence(
        "请输入正确的大陆手机号", "Please enter a valid mobile number of the Chinese mainland"
    ),
    "phone_taken": Sentence(
        "该手机号已注册，请直接登录", "This mobile number is already registered. Please sign in"
    ),
    "provider_linked": Sentence(
        "您在该平台的账号已关联其他考试账号，请重新从该平台登录；如非本人操作，请拨打客服电话",
        "Your account on that platform is now linked to another exam account. Please sign in "
        "from the platform again. If this was not you, please call the hotline",
    ),
    "provider_unavailable": Sentence(
        "暂时无法连接{title}，请稍后重试，或使用手机快捷登录",
        "{title} cannot be reached at the moment. Please try again later, or sign in with "
        "your mobile number",
    ),
    "session_expired": Sentence(
        "登录已失效，请重新登录", "You have been signed out. Please sign in again"
    ),
    "sign_in_failed": Sentence(
        "本次登录未完成或已失效，请返回考试页面，重新点击登录按钮",
        "This sign-in was not completed or has expired. Please go back to the exam site and "
        "press the sign-in button again",
    ),
}
