"""Error messages for partner platforms, in Chinese (zh-CN). Pure."""

ERRORS = {
    "nonce_used": "该请求已被处理，请重新签名后再发送",
    "signature_invalid": "请求签名无效",
    "timestamp_invalid": "请求时间与服务器时间相差超过五分钟",
}
