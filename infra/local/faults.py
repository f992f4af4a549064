"""Fault switches of the embedded cloud: what can be made to fail on purpose, and what one sees then.

A restart switches all of them off.
"""

import threading
from dataclasses import dataclass, field
from urllib.parse import urlencode

from infra.local.aws import Aws

REFUSALS = "/_refusals"
SLOW_S = 20
FACE_FUNCTIONS = frozenset({"uploads_judge_upload", "uploads_judge_snapshot"})


@dataclass(frozen=True)
class Fault:
    """A fault as `/_local/` shows it. `refusal`: what the emulator refuses for it, "" when the launcher plays it."""

    name: str
    title: str
    effect: str
    refusal: str = ""


FAULTS = (
    Fault(
        "sms_down",
        "短信服务拒绝发送",
        "考生点“获取验证码”后看到“系统繁忙”；仪表板的“短信”图下降，告警 sms-account 响起",
        refusal="sms",
    ),
    Fault(
        "uploads_refused",
        "照片存储拒绝上传",
        "证件照、核验照片传不上去，页面提示重试；抓拍先留在页面里，恢复后补传",
        refusal="uploads",
    ),
    Fault(
        "faces_slow",
        f"人脸判定慢 {SLOW_S} 秒",
        "考生先看到“正在核验”，再看到“核验时间比平时长”，然后照常有结论，不多扣核验机会；告警 checks-slow 响起",
    ),
    Fault(
        "faces_down",
        "人脸函数每次都失败",
        "核验一直没有结论，超时后归还机会；抓拍未判定，成绩为暂定；告警 checks-fail 响起",
    ),
    Fault(
        "api_down",
        "接口全部失败（502）",
        "页面提示网络或系统繁忙并自动重试；考试中已作的答案留在本机，恢复后补传；告警 api-fails 响起",
    ),
)


@dataclass
class Faults:
    """Which faults are on. The functions and the gateway ask before they work."""

    aws: Aws
    on: frozenset[str] = frozenset()
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def switch(self, name: str, on: bool) -> None:
        """Switch one fault on or off. Raises `KeyError` for an unknown name."""
        known = {fault.name: fault for fault in FAULTS}
        _ = known[name]
        with self._changed:
            self.on = self.on | {name} if on else self.on - {name}
            self._changed.notify_all()
        refused = [("name", known[name].refusal) for name in sorted(self.on) if known[name].refusal]
        self.aws.own_call("POST", f"{REFUSALS}?{urlencode(refused)}")

    def api_is_down(self) -> bool:
        """Return whether the gateway has to answer 502."""
        return "api_down" in self.on

    def hinder(self, function: str) -> str:
        """Hold a call of a function up, as the faults demand. Returns the error that it ends with, "" for none.

        A call that is held up goes on when its fault is switched off.
        """
        if function not in FACE_FUNCTIONS:
            return ""
        with self._changed:
            self._changed.wait_for(lambda: "faces_slow" not in self.on, SLOW_S)
        return "a fault switch made the function fail" if "faces_down" in self.on else ""

    def listed(self) -> list[dict[str, object]]:
        """Return all faults with their state."""
        return [
            {"name": f.name, "title": f.title, "effect": f.effect, "on": f.name in self.on}
            for f in FAULTS
        ]
