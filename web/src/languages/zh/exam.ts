/** All that a person reads here, in Chinese (zh-CN). */
export const questionTexts = {
  single: "单选题",
  multiple: "多选题",
  indefinite: "不定项选择题",
  judge: "判断题",
  blank: "填空题",
} as const;

export const gateTexts = {
  title: "进入全屏后开始作答",
  text: "考试全程全屏，离开考试页面即为切屏。进入全屏后显示试卷，您之前保存的答案都在。",
  button: "进入全屏，继续作答",
  hint: "点击后页面进入全屏，试卷随即显示。",
  refused: "浏览器没有进入全屏",
  refusedMore: "请再次点击；如仍不能进入全屏，请换用新版 Chrome 或 Edge 浏览器。",
} as const;

export const examTexts = {
  watching: "监考中",
  switches: (n: number, limit: number): string => `切屏 ${n}/${limit} 次`,
  switchesSoFar: (n: number, limit: number): string =>
    `您已切屏 ${n} 次，达 ${limit} 次将自动收卷。`,
  pageLossCounts: "考试中关闭或刷新页面也记为 1 次。",
  returnCounted: (n: number): string =>
    `这次回来已记为第 ${n} 次切屏，因为考试页面曾被关闭、刷新或意外中断。`,
  allSaved: "答案已全部保存",
  unsaved: (n: number): string => `${n} 题未保存，正在保存`,
  unsavedOffline: (n: number): string => `${n} 题未保存，联网后自动保存`,
  saved: "已保存",
  notSaved: "未保存",
  answeredOf: (n: number, all: number): string => `已答 ${n}/${all}`,
  left: "剩余",
  minutesLeft: (n: number): string => `距离考试结束还有 ${n} 分钟`,
  moreTime: (n: number): string => `考试时间已延长 ${n} 分钟`,
  offline:
    "网络连接中断，正在自动重连。请继续作答，答案已保存在本机，恢复后自动发送；断网不算切屏。",
  submit: "提交试卷",
  points: (n: number): string => `${n} 分`,
  several: {
    single: "",
    multiple: "，可选择多个选项",
    indefinite: "（可选一项或多项）",
    judge: "",
    blank: "",
  },
  question: (n: number): string => `第 ${n} 题`,
  blank: (n: number): string => `第 ${n} 空`,
  onlyBlank: "填写答案",
  blankTooLong: (over: number, most: number): string => `超出 ${over} 个字，只保存前 ${most} 个字`,
  savedPartly: (n: number): string => `已保存，还有 ${n} 空未填`,
  material: (n: number): string => `材料${chineseNumber(n)}`,
  materialOf: questions,
  foldMaterial: "收起材料",
  unfoldMaterial: "展开材料",
  refers: (n: number, from: number, to: number): string =>
    `根据材料${chineseNumber(n)}作答（${questions(from, to)}）`,
  previous: "上一题",
  next: "下一题",
  mark: "标记",
  unmark: "取消标记",
  clear: "清除本题答案",
  keys: (options: number): string =>
    `快捷键：字母键 A–${"ABCDEFGH"[options - 1]} 或数字键 1–${options} 选择选项，← → 上一题、下一题，M 标记`,
  keysOfBlanks:
    "快捷键：Tab 到下一空，Enter 到下一空或下一题；不在填写时，← → 上一题、下一题，M 标记",
  comfort: { seconds: "显示秒", keys: "快捷键" },
  noCopy: "本场考试的题目不能复制。选中文字不影响答题，请继续作答。",
  sheet: "答题卡",
  sheetItem: (n: number, stands: readonly string[]): string => `第 ${n} 题，${stands.join("，")}`,
  legend: {
    answered: "已答",
    open: "未答",
    partly: "未填完",
    marked: "标记",
    unsaved: "未保存",
    current: "当前",
  },
  fullscreenLost: "您已退出全屏",
  fullscreenGrace: (s: number): string => `请在 ${s} 秒内返回全屏，否则记为切屏。`,
  fullscreenOver: "请立即返回全屏，返回前不显示试卷。",
  backToFullscreen: "返回全屏",
  switchTitle: "切屏提醒",
  switchTodo: {
    hidden: "交卷前请一直停留在本页，不要切换标签页或最小化窗口。",
    blur: "请退出微信、QQ 等会弹出消息的程序，不要点击其他窗口。",
    fullscreen: "请不要按 Esc 或 F11。退出全屏后，请立即点击“返回全屏”。",
    page_lost: "请不要关闭或刷新本页面。",
  },
  understood: "我知道了",
  submitText: "提交后不能再修改答案。",
  unanswered: (n: number): string => `未答 ${n} 题`,
  unfinished: (n: number): string => `有空未填 ${n} 题`,
  markedOnes: (n: number): string => `标记 ${n} 题`,
  goTo: (n: number): string => `回到第 ${n} 题`,
  allAnswered: "所有题目均已作答。",
  submitAgain: "试卷尚未提交，答案没有丢失，请重试。",
  keepWriting: "继续作答",
  submitNow: "确认提交",
  submitting: "正在提交…",
  timeIsUp: "考试时间到，正在提交试卷…",
  timeIsUpMore: "网络中断，系统会自动收卷；已保存的答案都会计分。",
} as const;

/** Such as `第 3–5 题`. */
function questions(from: number, to: number): string {
  return from === to ? `第 ${from} 题` : `第 ${from}–${to} 题`;
}

const DIGITS = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/** A number from 1 to 99 as in 材料十二; a larger one in digits. */
function chineseNumber(n: number): string {
  if (n > 99) return String(n);
  const tens = Math.floor(n / 10);
  const before = tens > 1 ? DIGITS[tens] : "";
  return `${before}${tens ? "十" : ""}${DIGITS[n % 10]}`;
}
