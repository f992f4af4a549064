"""What is said about identity profiles and photos, in Chinese (zh-CN). Pure."""

ERRORS = {
    "attempt_not_final": "该考生还有未结束或成绩未定的考试，不能删除",
    "deletion_pending": "照片正在按本人要求删除，完成前不能上传照片、准备数据下载或再次删除，请稍后再试",
    "id_number_invalid": "证件号码不正确，请核对证件类型和号码",
    "id_number_needed": "请填写证件号码",
    "id_number_taken": "该证件号码已被其他账号使用，如非本人操作请点击“去反馈”提交工单",
    "identity_frozen": "考试进行期间不能修改身份信息",
    "identity_incomplete": "请先完善身份信息",
}

# Why a picture is refused, and what to do.
PICTURES = {
    "animated": "不支持动态图片，请上传普通的 JPG 或 PNG 照片",
    "attempt_open": "考试进行期间不能更换证件照",
    "backlight": "光线从您身后照来，面部太暗，请面向光源重新拍摄",
    "blurred": "照片模糊，请保持稳定后重新拍摄",
    "covered": "画面被遮挡，请检查摄像头镜头",
    "dark": "光线不足，请到明亮的地方重新拍摄",
    "empty": "文件是空的，请重新选择照片",
    "face_too_small": "人脸太小，请靠近一些",
    "heic": "不支持 HEIC 格式，请在手机“设置-相机-格式”中选“兼容性最佳”，或转换为 JPG 后上传",
    "no_face": "没有检测到人脸，请正对镜头，不要遮挡面部",
    "not_a_picture": "文件不是图片，请上传 JPG 或 PNG 照片",
    "picture_too_small": "照片尺寸太小，至少需要 295×413 像素（一寸）",
    "several_faces": "画面中有多张人脸，请确保只有您本人",
    "tilted": "头部倾斜或照片横放，请摆正后重新拍摄或上传",
    "too_large": "文件过大，请上传 5 MB 以内的照片",
    "too_many_pixels": "照片像素过大，请缩小后上传",
    "truncated": "照片文件不完整，请重新上传",
    "turned": "请正对镜头，不要侧脸",
    "unsupported_format": "只支持 JPG 和 PNG 照片",
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


def photo_message(reason: str) -> str:
    """Why a picture was refused and what to do. `reason`: a key of `PICTURES`."""
    return PICTURES[reason]
