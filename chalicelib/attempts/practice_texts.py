"""What is said about a practice exam (试考), in Chinese (zh-CN). Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from chalicelib.attempts.texts import VERIFICATIONS
from chalicelib.identity.model import AreaFinding, AreaState
from chalicelib.identity.texts import PICTURES

AREAS = {
    "camera": "摄像头",
    "network": "网络",
    "face": "人脸核验",
    "full_screen": "全屏",
    "snapshots": "抓拍",
}


class AreaText(NamedTuple):
    """What was found in an area, and what to do before the exam; the latter is empty when there is nothing to do."""

    message: str
    advice: str = ""


_WORKS = {
    "camera": "摄像头工作正常",
    "network": "网速和延迟都达到推荐值",
    "face": "人脸与登记照片一致",
    "full_screen": "可以进入全屏",
    "snapshots": "抓拍画面清楚，只有您本人",
}
_NOT_TRIED = {
    "camera": AreaText("没有检测到这一步", "请再试考一次，完成设备检测"),
    "network": AreaText("没有检测到这一步", "请再试考一次，完成网络环境检测"),
    "face": AreaText("没有核验到这一步", "请再试考一次，完成身份核验"),
    "full_screen": AreaText("没有进行到答题", "请再试考一次，进入考场并开始答题"),
    "snapshots": AreaText("没有进行到答题", "请再试考一次，进入考场并开始答题"),
}
_WAITING = {
    "face": "正在核验，结果稍后显示",
    "snapshots": "正在判定抓拍画面，结果稍后显示",
}
_REPLACE_PHOTO = (
    "请到 个人中心 > 身份信息 换一张近期、正面、清晰的本人证件照，再试考一次；"
    "证件照无误的，请调整光线、正对镜头后再试"
)
_LIGHT = "请到光源充足处正对镜头，露出整个脸部，再试考一次"
_NETWORK = (
    "请使用网线或靠近路由器，关闭下载和视频，再试考一次。考试中断网时答案保存在本机，联网后自动提交"
)

# Why an area failed or could not be tried, by area and reason.
_REASONS = {
    "camera": {
        "refused": AreaText(
            "浏览器没有得到使用摄像头的许可",
            "请点击地址栏左侧的图标，把“摄像头”设为“允许”，再试考一次",
        ),
        "none": AreaText("没有找到摄像头", "请连接摄像头，或换一台带摄像头的电脑，再试考一次"),
        "busy": AreaText(
            "摄像头被其他程序占用", "请关闭微信、QQ、腾讯会议、钉钉等程序，再试考一次"
        ),
        "insecure": AreaText(
            "页面不是安全连接，浏览器不允许使用摄像头", "请使用 https 开头的考试链接"
        ),
        "failed": AreaText("摄像头没有打开", "请重新插拔摄像头，或重新启动浏览器，再试考一次"),
        "ended": AreaText("摄像头中途断开", "请检查摄像头的连接，换一个 USB 接口，再试考一次"),
        "muted": AreaText("摄像头没有画面", "请检查摄像头开关和电脑上的摄像头按键，再试考一次"),
        "covered": AreaText("画面被遮挡或过暗", "请打开镜头盖或隐私挡板，面向光源，再试考一次"),
    },
    "network": {
        "slow": AreaText("网速低于推荐值", _NETWORK),
        "late": AreaText("网络延迟偏高", _NETWORK),
        "not_measured": AreaText("没有测出网速", _NETWORK),
    },
    "face": {
        "mismatch": AreaText("人脸与登记照片不一致", _REPLACE_PHOTO),
        "uncertain": AreaText("无法确认人脸与登记照片是同一人", _REPLACE_PHOTO),
        "our_fault": AreaText("核验服务暂时不可用，与您的设备无关", "请稍后再试考一次"),
    },
    "full_screen": {
        "refused": AreaText(
            "浏览器没有进入全屏",
            "请使用 Chrome、Edge、360 或 QQ 浏览器的新版本，关闭阻止全屏的插件，再试考一次",
        ),
    },
    "snapshots": {
        "several": AreaText("抓拍到多张人脸", "考试时请独处，取下或遮住背景中的海报和照片"),
        "mismatch": AreaText("抓拍到的人脸与登记照片不一致", _REPLACE_PHOTO),
        "replayed": AreaText("抓拍画面与以前的照片相同", "请用摄像头现场画面，不要使用虚拟摄像头"),
        "no_face": AreaText("有抓拍画面中没有人", "答题时请一直坐在镜头前，正对屏幕"),
        "unclear": AreaText("有抓拍画面看不清人脸", _LIGHT),
        "missing": AreaText("有抓拍画面没有上传", _NETWORK),
        "none_due": AreaText("答题时间太短，没有抓拍到画面", "可以再试考一次，多停留一两分钟"),
        "our_fault": AreaText("抓拍服务暂时不可用，与您的设备无关"),
    },
}


_NOT_FIT = {
    "camera": "摄像头不行 {n} 人",
    "network": "网络不行 {n} 人",
    "face": "人脸核验（多为证件照）不行 {n} 人",
}


def say_readiness(
    *, listed: int, counted: int, tried: int, unfinished: int, failed: Mapping[str, int]
) -> str:
    """How many people of a roster have practised, and for how many camera, network or photo did not do."""
    said = [f"名单 {listed} 人"]
    if counted < listed:
        said.append(f"统计前 {counted} 人")
    said.append(f"已试考 {tried} 人，未试考 {counted - tried} 人")
    said += [_NOT_FIT[area].format(n=number) for area, number in failed.items() if number]
    if unfinished:
        said.append(f"没有做完 {unfinished} 人")
    return "；".join(said)


def area_message(found: AreaFinding) -> AreaText:
    """Return what is said about one area of a practice."""
    area = found.area.value
    if found.state is AreaState.OK:
        return AreaText(_WORKS[area])
    if found.state is AreaState.WAITING:
        return AreaText(_WAITING[area])
    if not found.reason:
        return _NOT_TRIED[area]
    return _REASONS[area].get(found.reason) or _about_picture(found.reason)


def _about_picture(reason: str) -> AreaText:
    """Return what is said about a face check whose picture could not be compared."""
    said = PICTURES.get(reason) or VERIFICATIONS[reason]
    what = said.replace("。", "，").split("，请")[0].split("，本次核验")[0]
    return AreaText(what, _LIGHT)
