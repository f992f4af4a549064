"""What a record says to the person it is about. Pure."""

from chalicelib.shared.languages import Sentence

ERRORS = {
    "record_too_many": Sentence(
        "24 小时内最多准备 {most} 次，请稍后再试",
        "At most {most} downloads can be prepared within 24 hours. Please try again later",
    ),
}

README = Sentence(
    """我的数据（考试平台）

本压缩包是平台按您的要求为您准备的个人数据副本，只包含您本人的内容。

如何核对（不需要网络）
  1. 解压，用电脑浏览器（Chrome、Edge、Firefox）打开 verify.html（页面右上角可切换英文）。
  2. 把原来的压缩包（.zip）拖到页面上。页面逐项显示核对了什么、没有核对什么。
  压缩包内容不会离开您的电脑。从别人手里拿到的压缩包，请使用考试平台网站“个人中心 > 我的数据”提供的核对页面，
  并对照那里的密钥指纹。

里面有什么
  account.json               账号、身份信息（证件号码、手机号已打码）、同意过的协议（含旧版）、登录方式、试考、删除申请
  id-photo.jpg               您的证件照（如有）
  consents/                  您同意过的协议全文（能确认与当时文字一致的）
  cases.json                 您提交的工单和投诉，以及处理结果
  certificates.json, .pdf    您的证书；有效的证书附 PDF
  attempts/<编号>/receipt.json    一次考试：已保存的全部答案（选项字母按您看到的顺序）、成绩、切屏、通知与回执
  attempts/<编号>/timeline.json   这次考试的证据时间线：每条的原文、哈希，以及平台是否已签名
  attempts/<编号>/frames/         被判定为异常、对您不利的抓拍画面
  files.sha256, signed.txt, signature.bin, signer.pem    文件清单、被签名的内容、签名、签名者的证书

里面没有什么
  · 试题、正确答案和解析：不属于您的个人数据。
  · 正在进行的考试的内容：交卷后才能下载。整场考试结束前没有时间线。
  · 运营人员的姓名和内部理由：时间线中有运营人员操作的条目隐去这些内容，其哈希只能与前后条目比对，不能重算。
  · 对您没有影响的抓拍画面、核验时的照片、工单和投诉的附图、人脸特征值。如需要，请拨打客服电话。
  · 平台开始保留旧版同意记录之前就已被替换的同意，以及同一版本的重复同意。如需要，请拨打客服电话。
  · 试考的答案和画面：3 天后删除。
{left_out}""",
    """My data (exam platform)

The platform prepared this archive at your request. It is a copy of your personal data and of nobody else's.

How to check it (without network)
  1. Unpack it, open verify.html in a browser on a computer (Chrome, Edge, Firefox), and press English at the top right.
  2. Drop the archive (.zip) onto that page. It says item by item what was checked and what was not.
  The archive never leaves your computer. For an archive that you got from somebody else, use the checking page that the
  exam platform offers under "My account > My data", and compare the fingerprint of the key that stands there.

What is in it
  account.json               account, identity details (ID number and phone masked), agreements you accepted (also
                             earlier versions), ways to sign in, practice exams, requests to delete
  id-photo.jpg               your ID photo, if there is one
  consents/                  the agreements you accepted (where the text is provably that of the time)
  cases.json                 your tickets and complaints, and what came of them
  certificates.json, .pdf    your certificates; valid ones as PDF
  attempts/<number>/receipt.json    one exam: all saved answers (letters in the order that you saw), score,
                                    switches, announcements and receipts
  attempts/<number>/timeline.json   the timeline of evidence of this exam: text and hash of each entry, and
                                    whether the platform has signed it
  attempts/<number>/frames/         snapshots that were judged and count against you
  files.sha256, signed.txt, signature.bin, signer.pem    the list of files, what is signed, the signature, the
                                                         certificate of the signer

What is not in it
  - Questions, correct answers and explanations: they are not your personal data.
  - An exam in progress: it can be downloaded after you have handed in. There is no timeline until the whole exam is
    over.
  - Names and internal reasons of operators: entries of the timeline with their actions leave these out. Their hash can
    only be compared with the entries before and after, and not be computed again.
  - Snapshots without consequences for you, pictures of face checks, pictures of tickets and complaints, and the numbers
    that faces are compared by. Call the hotline if you need them.
  - Consents that were replaced before the platform began to keep earlier ones, and repeated consents to one version.
    Call the hotline if you need them.
  - Answers and pictures of practice exams: they are deleted after 3 days.
{left_out}""",
)
LEFT_OUT = Sentence(
    "  · 较早的 {count} 次考试：一个压缩包最多包含最近 {most} 次，如需要请拨打客服电话。\n",
    "  - Earlier exams: {count}. An archive has the latest {most} at most. Call the hotline if you need them.\n",
)
OVERSIZED = Sentence(
    "  · {count} 个文件：压缩包过大，未放入，如需要请拨打客服电话。\n",
    "  - Files: {count}. The archive would be too large with them. Call the hotline if you need them.\n",
)
