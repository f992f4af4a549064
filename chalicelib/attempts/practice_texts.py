"""What is said about a practice exam (试考). Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from chalicelib.attempts.texts import VERIFICATIONS
from chalicelib.identity.model import AreaFinding, AreaState
from chalicelib.identity.texts import PICTURES
from chalicelib.shared.languages import NOTHING, Sentence

AREAS = {
    "camera": "摄像头",
    "network": "网络",
    "face": "人脸核验",
    "full_screen": "全屏",
    "snapshots": "抓拍",
}


class AreaText(NamedTuple):
    """What was found in an area, and what to do before the exam; the latter is empty when there is nothing to do."""

    message: Sentence
    advice: Sentence = NOTHING


_WORKS = {
    "camera": Sentence("摄像头工作正常", "The camera works"),
    "network": Sentence(
        "网速和延迟都达到推荐值", "Speed and delay of the network are as recommended"
    ),
    "face": Sentence("人脸与登记照片一致", "Your face matches the registered photo"),
    "full_screen": Sentence("可以进入全屏", "Full screen works"),
    "snapshots": Sentence("抓拍画面清楚，只有您本人", "The snapshots are clear and show only you"),
}
_NOT_TRIED = {
    "camera": AreaText(
        Sentence("没有检测到这一步", "This step was not reached"),
        Sentence(
            "请再试考一次，完成设备检测",
            "Please take the practice exam again and finish the device check",
        ),
    ),
    "network": AreaText(
        Sentence("没有检测到这一步", "This step was not reached"),
        Sentence(
            "请再试考一次，完成网络环境检测",
            "Please take the practice exam again and finish the network check",
        ),
    ),
    "face": AreaText(
        Sentence("没有核验到这一步", "This step was not reached"),
        Sentence(
            "请再试考一次，完成身份核验",
            "Please take the practice exam again and finish the identity check",
        ),
    ),
    "full_screen": AreaText(
        Sentence("没有进行到答题", "The questions were not reached"),
        Sentence(
            "请再试考一次，进入考场并开始答题",
            "Please take the practice exam again, enter the exam room and begin to answer",
        ),
    ),
    "snapshots": AreaText(
        Sentence("没有进行到答题", "The questions were not reached"),
        Sentence(
            "请再试考一次，进入考场并开始答题",
            "Please take the practice exam again, enter the exam room and begin to answer",
        ),
    ),
}
_WAITING = {
    "face": Sentence("正在核验，结果稍后显示", "Checking, the result follows shortly"),
    "snapshots": Sentence(
        "正在判定抓拍画面，结果稍后显示",
        "The snapshots are being judged, the result follows shortly",
    ),
}
_REPLACE_PHOTO = Sentence(
    "请到 个人中心 > 身份信息 换一张近期、正面、清晰的本人证件照，再试考一次；"
    "证件照无误的，请调整光线、正对镜头后再试",
    "Please go to My account > Identity details, replace your ID photo by a recent, clear"
    " photo of your face from the front, and take the practice exam again. If the photo "
    "is right, change the light, look straight into the camera and try again",
)
_LIGHT = Sentence(
    "请到光源充足处正对镜头，露出整个脸部，再试考一次",
    "Please go to a bright place, look straight into the camera with your whole face "
    "visible, and take the practice exam again",
)
_NETWORK = Sentence(
    "请使用网线或靠近路由器，关闭下载和视频，再试考一次。考试中断网时答案保存在本机，联网后自动发送",
    "Please use a network cable or move closer to the router, stop downloads and videos, "
    "and take the practice exam again. If the network fails in the exam, your answers are"
    " kept on this computer and sent when it is back",
)

# Why an area failed or could not be tried, by area and reason.
_REASONS = {
    "camera": {
        "refused": AreaText(
            Sentence("浏览器没有得到使用摄像头的许可", "The browser may not use the camera"),
            Sentence(
                "请点击地址栏左侧的图标，把“摄像头”设为“允许”，再试考一次",
                "Please click the icon left of the address, set “Camera” to “Allow”, and take the "
                "practice exam again",
            ),
        ),
        "none": AreaText(
            Sentence("没有找到摄像头", "No camera was found"),
            Sentence(
                "请连接摄像头，或换一台带摄像头的电脑，再试考一次",
                "Please connect a camera or use a computer that has one, and take the practice exam again",
            ),
        ),
        "busy": AreaText(
            Sentence("摄像头被其他程序占用", "Another program uses the camera"),
            Sentence(
                "请关闭微信、QQ、腾讯会议、钉钉等程序，再试考一次",
                "Please close programs such as WeChat, QQ, Tencent Meeting and DingTalk, and take the"
                " practice exam again",
            ),
        ),
        "insecure": AreaText(
            Sentence(
                "页面不是安全连接，浏览器不允许使用摄像头",
                "The connection of the page is not secure, so the browser does not allow the camera",
            ),
            Sentence(
                "请使用 https 开头的考试链接", "Please use the exam link that begins with https"
            ),
        ),
        "failed": AreaText(
            Sentence("摄像头没有打开", "The camera did not start"),
            Sentence(
                "请重新插拔摄像头，或重新启动浏览器，再试考一次",
                "Please unplug the camera and plug it in again, or restart the browser, and take the "
                "practice exam again",
            ),
        ),
        "ended": AreaText(
            Sentence("摄像头中途断开", "The camera was disconnected on the way"),
            Sentence(
                "请检查摄像头的连接，换一个 USB 接口，再试考一次",
                "Please check the cable of the camera, use another USB socket, and take the practice "
                "exam again",
            ),
        ),
        "muted": AreaText(
            Sentence("摄像头没有画面", "The camera gives no picture"),
            Sentence(
                "请检查摄像头开关和电脑上的摄像头按键，再试考一次",
                "Please check the switch of the camera and the camera key of the computer, and take "
                "the practice exam again",
            ),
        ),
        "covered": AreaText(
            Sentence("画面被遮挡或过暗", "The picture is covered or too dark"),
            Sentence(
                "请打开镜头盖或隐私挡板，面向光源，再试考一次",
                "Please open the lens cover or privacy shutter, face the light, and take the practice"
                " exam again",
            ),
        ),
    },
    "network": {
        "slow": AreaText(
            Sentence("网速低于推荐值", "The network is slower than recommended"), _NETWORK
        ),
        "late": AreaText(Sentence("网络延迟偏高", "The delay of the network is high"), _NETWORK),
        "not_measured": AreaText(
            Sentence("没有测出网速", "The speed of the network could not be measured"), _NETWORK
        ),
    },
    "face": {
        "mismatch": AreaText(
            Sentence("人脸与登记照片不一致", "Your face does not match the registered photo"),
            _REPLACE_PHOTO,
        ),
        "uncertain": AreaText(
            Sentence(
                "无法确认人脸与登记照片是同一人",
                "It is not sure that your face and the registered photo are of the same person",
            ),
            _REPLACE_PHOTO,
        ),
        "our_fault": AreaText(
            Sentence(
                "核验服务暂时不可用，与您的设备无关",
                "The check service did not work. Your device is not the cause",
            ),
            Sentence("请稍后再试考一次", "Please take the practice exam again later"),
        ),
    },
    "full_screen": {
        "refused": AreaText(
            Sentence("浏览器没有进入全屏", "The browser did not enter full screen"),
            Sentence(
                "请使用 Chrome、Edge、360 或 QQ 浏览器的新版本，关闭阻止全屏的插件，再试考一次",
                "Please use a new version of Chrome, Edge, 360 or QQ Browser, switch off extensions "
                "that block full screen, and take the practice exam again",
            ),
        ),
    },
    "snapshots": {
        "several": AreaText(
            Sentence("抓拍到多张人脸", "The snapshots show several faces"),
            Sentence(
                "考试时请独处，取下或遮住背景中的海报和照片",
                "Please be alone during the exam, and take down or cover posters and photos behind you",
            ),
        ),
        "mismatch": AreaText(
            Sentence(
                "抓拍到的人脸与登记照片不一致",
                "The face in the snapshots does not match the registered photo",
            ),
            _REPLACE_PHOTO,
        ),
        "replayed": AreaText(
            Sentence("抓拍画面与以前的照片相同", "A snapshot is the same as an earlier photo"),
            Sentence(
                "请用摄像头现场画面，不要使用虚拟摄像头",
                "Please use the live picture of a camera, not a virtual camera",
            ),
        ),
        "no_face": AreaText(
            Sentence("有抓拍画面中没有人", "Some snapshots show nobody"),
            Sentence(
                "答题时请一直坐在镜头前，正对屏幕",
                "Please stay in front of the camera and face the screen while you answer",
            ),
        ),
        "unclear": AreaText(
            Sentence("有抓拍画面看不清人脸", "In some snapshots your face cannot be seen clearly"),
            _LIGHT,
        ),
        "missing": AreaText(
            Sentence("有抓拍画面没有上传", "Some snapshots did not arrive"), _NETWORK
        ),
        "none_due": AreaText(
            Sentence(
                "答题时间太短，没有抓拍到画面",
                "The time of answering was too short for a snapshot",
            ),
            Sentence(
                "可以再试考一次，多停留一两分钟",
                "You can take the practice exam again and stay one or two minutes longer",
            ),
        ),
        "our_fault": AreaText(
            Sentence(
                "抓拍服务暂时不可用，与您的设备无关",
                "The snapshot service did not work. Your device is not the cause",
            )
        ),
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
    zh = said.replace("。", "，").split("，请")[0].split("，本次核验")[0]
    en = said.en.split(". ")[0].split(", so no check")[0]
    return AreaText(Sentence(zh, en), _LIGHT)
