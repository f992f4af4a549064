"""Error messages for partner platforms, in all languages. Pure."""

from chalicelib.shared.languages import Sentence

ERRORS = {
    "nonce_used": Sentence(
        "该请求已被处理，请重新签名后再发送",
        "This request was processed before. Please sign it anew and send it again",
    ),
    "signature_invalid": Sentence("请求签名无效", "The signature of the request is not valid"),
    "timestamp_invalid": Sentence(
        "请求时间与服务器时间相差超过五分钟",
        "The time of the request differs from the server's by more than five minutes",
    ),
}
