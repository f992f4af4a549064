"""What is said about identity profiles and photos. What only operators read is Chinese. Pure."""

from chalicelib.shared.languages import Sentence

ERRORS = {
    "attempt_not_final": "该考生还有未结束或成绩未定的考试，不能删除",
    "deletion_pending": Sentence(
        "照片正在按本人要求删除，完成前不能上传照片、准备数据下载或再次删除，请稍后再试",
        "Your pictures are being deleted as you asked. Until that is done you cannot upload a"
        " photo, prepare a download of your data or ask for deletion again. Please try again "
        "later",
    ),
    "id_number_invalid": Sentence(
        "证件号码不正确，请核对证件类型和号码",
        "The ID number is not correct. Please check the type of document and the number",
    ),
    "id_number_needed": Sentence("请填写证件号码", "Please enter the ID number"),
    "id_number_taken": Sentence(
        "该证件号码已被其他账号使用，如非本人操作请点击“去反馈”提交工单",
        "Another account uses this ID number. If that is not you, please press “Report a "
        "problem” and submit a ticket",
    ),
    "identity_frozen": Sentence(
        "考试进行期间不能修改身份信息",
        "Your identity details cannot be changed while an exam is under way",
    ),
    "identity_incomplete": Sentence(
        "请先完善身份信息", "Please complete your identity details first"
    ),
}

# Why a picture is refused, and what to do.
PICTURES = {
    "animated": Sentence(
        "不支持动态图片，请上传普通的 JPG 或 PNG 照片",
        "Animated pictures are not accepted. Please upload an ordinary JPG or PNG photo",
    ),
    "attempt_open": Sentence(
        "考试进行期间不能更换证件照", "Your ID photo cannot be changed while an exam is under way"
    ),
    "backlight": Sentence(
        "光线从您身后照来，面部太暗，请面向光源重新拍摄",
        "The light comes from behind you and your face is too dark. Please face the light and"
        " take the photo again",
    ),
    "blurred": Sentence(
        "照片模糊，请保持稳定后重新拍摄",
        "The photo is blurred. Please keep still and take it again",
    ),
    "covered": Sentence(
        "画面被遮挡，请检查摄像头镜头", "The picture is covered. Please check the camera lens"
    ),
    "dark": Sentence(
        "光线不足，请到明亮的地方重新拍摄",
        "There is too little light. Please go to a bright place and take the photo again",
    ),
    "empty": Sentence(
        "文件是空的，请重新选择照片", "The file is empty. Please choose the photo again"
    ),
    "face_too_small": Sentence(
        "人脸太小，请靠近一些", "The face is too small. Please come a little closer"
    ),
    "heic": Sentence(
        "不支持 HEIC 格式，请在手机“设置-相机-格式”中选“兼容性最佳”，或转换为 JPG 后上传",
        "HEIC is not accepted. Please set your phone to save photos as JPG (“Most "
        "Compatible”), or convert the photo to JPG, and upload it again",
    ),
    "no_face": Sentence(
        "没有检测到人脸，请正对镜头，不要遮挡面部",
        "No face was found. Please look straight into the camera and leave your face uncovered",
    ),
    "not_a_picture": Sentence(
        "文件不是图片，请上传 JPG 或 PNG 照片",
        "The file is not a picture. Please upload a JPG or PNG photo",
    ),
    "picture_too_small": Sentence(
        "照片尺寸太小，至少需要 295×413 像素（一寸）",
        "The photo is too small. It needs at least 295 × 413 pixels",
    ),
    "several_faces": Sentence(
        "画面中有多张人脸，请确保只有您本人",
        "There is more than one face in the picture. Please make sure that only you are in it",
    ),
    "tilted": Sentence(
        "头部倾斜或照片横放，请摆正后重新拍摄或上传",
        "The head is tilted or the photo lies on its side. Please turn it upright and take or"
        " upload it again",
    ),
    "too_large": Sentence(
        "文件过大，请上传 5 MB 以内的照片",
        "The file is too large. Please upload a photo of at most 5 MB",
    ),
    "too_many_pixels": Sentence(
        "照片像素过大，请缩小后上传",
        "The photo has too many pixels. Please make it smaller and upload it again",
    ),
    "truncated": Sentence(
        "照片文件不完整，请重新上传", "The photo file is incomplete. Please upload it again"
    ),
    "turned": Sentence(
        "请正对镜头，不要侧脸", "Please look straight into the camera, not to the side"
    ),
    "unsupported_format": Sentence(
        "只支持 JPG 和 PNG 照片", "Only JPG and PNG photos are accepted"
    ),
}

ROLES = {"agency_practitioner": "代理机构从业人员", "evaluation_expert": "评审专家"}
ID_TYPES = {
    "resident_id": "居民身份证",
    "hk_macau_permit": "港澳居民来往内地通行证",
    "taiwan_permit": "台湾居民来往大陆通行证",
    "hmt_residence_permit": "港澳台居民居住证",
    "passport": "护照",
    "foreign_permanent_residence": "外国人永久居留身份证",
}


def photo_message(reason: str) -> Sentence:
    """Why a picture was refused and what to do. `reason`: a key of `PICTURES`."""
    return PICTURES[reason]
