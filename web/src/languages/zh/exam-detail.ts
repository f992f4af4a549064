/** All that a person reads here, in Chinese (zh-CN). */
import { titles } from "./titles";

export const detailTexts = {
  title: titles.examDetail,
  missingId: "链接中没有考试编号，请从考试列表进入。",
  toPortal: "查看全部考试",
  start: "开始考试",
  resume: "继续考试",
  result: "查看成绩",
  startsAt: "考试开始",
  duration: "考试时长",
  minutes: (n: number): string => `${n} 分钟`,
  passMark: "合格线",
  passMarkValue: (percent: number, points: number): string =>
    `满分 ${points} 分，${(points * percent) / 100} 分合格`,
  paper: "试卷",
  rules: "本场考试规则",
  announcements: "通知",
  notice: "考试须知",
  hotline: "遇到问题",
  countdown: {
    upcoming: "距离候考开放",
    waiting: "距离考试开始",
    running: "距离停止入场",
    closed: "入场已截止",
    ended: "考试已结束",
  },
  opensAt: (time: string): string => `${time} 起可以开始考前确认并进入候考。`,
  rosterOnly: "仅限报名名单内的考生参加",
  computerOnly: "本场考试仅支持电脑端答题",
  computerOnlyMore: "请在带摄像头的电脑上，用浏览器打开下面的链接：",
  insecure: "当前页面不是安全连接（https），浏览器不允许使用摄像头。请使用 https 开头的考试链接。",
  section: (title: string, questions: number, worth: string): string =>
    `${title}：${questions} 题，${worth}`,
  materials: (title: string, count: number, questions: number, worth: string): string =>
    `${title}：${count} 个材料，共 ${questions} 题，${worth}`,
  unscored: (title: string, questions: number): string => `${title}：${questions} 题，不评分`,
  practice: {
    start: "开始试考",
    resume: "继续试考",
    again: "再试考一次",
    last: "查看上次试考结果",
    open: "随时可以试考",
    openMore: "约 5 分钟，一天最多 10 次",
    rules: "试考说明",
    notice: "试考须知",
  },
  each: (points: number): string => `每题 ${points} 分`,
  together: (points: number): string => `合计 ${points} 分`,
} as const;

export const rulesTexts = {
  practice: [
    "走一遍正式考试的全过程：设备检测、网络环境检测、身份核验、全屏答题、随机抓拍、提交。",
    "请在考试要用的电脑和网络上试考，最好在考试前一天完成。",
    "不评分，没有成绩和证书；不占用正式考试的核验机会；离开页面只作提醒，不会收卷。",
    "可以随时结束。结束后列出哪些正常、哪些不正常，以及该怎么办。",
    "照片和记录三天后自动删除。",
  ],
  waiting: (min: number): string => `开考前 ${min} 分钟开放候考，建议提前完成考前确认。`,
  entry: (min: number): string => `开考 ${min} 分钟后无法进入考试。`,
  closing: "关闭或刷新候考页面后，需要重新完成考前确认，包括人脸核验。",
  chances: (n: number): string => `身份核验共有 ${n} 次机会；重新拍照不限次数。`,
  headTurn: "开始核验时，需按提示向左或向右转头，再拍一张照片。",
  byRoster: "人脸与主办方名单中您的报名照片比对，不使用您上传的证件照。",
  switches: (n: number): string => `离开考试页面即为切屏，第 ${n} 次切屏时系统将直接自动收卷。`,
  fullscreen: (s: number): string => `考试全程全屏。退出全屏后请在 ${s} 秒内返回，否则记为切屏。`,
  pageLoss: "考试中关闭或刷新页面记为 1 次切屏；网络中断不算切屏。",
  snapshots: (n: number): string =>
    `考试中随机抓拍。画面中有多人的抓拍达 ${n} 次，成绩判定为不合格；如核实为非本人，成绩判定为不合格。`,
  camera: "交卷前请一直开启摄像头，避免低头、侧脸、捂脸、佩戴耳机。",
  network: (down: number, up: number): string =>
    `推荐网速：下行 ${down} Mbps、上行 ${up} Mbps 以上。`,
  several: (types: string, rule: string): string => `${types}${rule}`,
  multipleRules: {
    all_or_nothing: "须全部选对才得分。",
    half_for_subset: "少选得一半分，错选不得分。",
    proportional: "少选按选对的比例得分，错选不得分。",
    minus_for_wrong: "按选对的比例得分，每错选一项抵消一项选对的，本题最低 0 分。",
  },
  blankRules: {
    each: "填空题每空分值相同，按填对的空得分。",
    all_or_nothing: "填空题须全部填对才得分。",
  },
  blankAnswers: "填空题不区分全角半角、英文大小写，空格不影响得分。",
} as const;
