/** All that a person reads in 我的数据, in Chinese (zh-CN). */

export const recordTexts = {
  title: "我的数据",
  mine: "下载我的数据",
  intro:
    "您可以下载平台保存的您的个人数据：账号与身份信息、证件照、同意过的协议、每次考试已保存的全部答案和成绩、证据时间线、对您不利的抓拍画面、工单和投诉、证书。文件带有数字签名，不用联网就能核对有没有被改动。",
  order: "准备下载文件",
  again: "重新准备",
  ordering: "正在发送…",
  preparing: "正在准备文件，通常不到一分钟。可以离开本页，稍后再来。",
  ready: (size: string): string => `文件已备好（${size}）`,
  until: (time: string): string => `${time} 前可以下载，之后自动删除，需要时可以重新准备。`,
  madeAt: (time: string): string => `准备时间：${time}`,
  download: "下载压缩包（.zip）",
  expired: "上次准备的文件已过期删除",
  expiredMore: "请重新准备。",
  failed: "文件没有准备好",
  failedMore: "这次不计入次数，请重新准备；如一直如此，请拨打客服电话。",
  deleted: (time: string): string => `您于 ${time} 申请删除人脸数据，之前准备的文件已一并删除`,
  deletedMore: "重新准备的文件里不再有证件照和抓拍画面，其他数据仍在。",
  deleting: "您的人脸数据正在删除",
  deletingMore: "删除完成（约一刻钟）后才能准备文件，里面会写明删除的时间。",
  limit: (most: number): string => `24 小时内最多准备 ${most} 次。`,
  next: (time: string): string => `今天的次数已用完，${time} 后可以再准备。`,
  leftOut: (count: number): string => `较早的 ${count} 次考试没有放入，如需要请拨打客服电话。`,
  check: "如何核对",
  steps: [
    "用电脑下载并解压压缩包，用浏览器打开里面的 verify.html，再把压缩包（.zip）拖到页面上。",
    "页面写明核对了什么、没有核对什么。全程不联网，文件不会离开您的电脑。",
    "对照下面的密钥指纹：与核对页面显示的逐字一致，才是本平台签发的文件。",
  ],
  stranger: "核对别人给您的压缩包时，请用这里的核对页面，不用压缩包里的：",
  checker: "下载核对页面",
  fingerprint: "密钥指纹（SHA-256）",
  openAttempts:
    "正在进行的考试交卷后才能下载；证据时间线在整场考试结束后才放入。试题和正确答案不属于个人数据，不在其中。",
  problem: (why: string): string => `没有下载：${why}`,
} as const;
