/** All that a person reads here, in Chinese (zh-CN). */
import { titles } from "./titles";

export const meTexts = {
  title: titles.me,
  sections: "个人中心栏目",
  signedOut: "请先登录",
  signedOutMore: "登录后可以填写身份信息、查看考试成绩。",
  account: "个人信息",
  identity: "身份信息",
  learning: "我的学习",
  exams: "考试",
} as const;

export const myExamsTexts = {
  empty: "您还没有参加过考试",
  emptyMore: "开始考试后，您的考试和成绩会显示在这里。",
  toPortal: "查看全部考试",
  unknownExam: "考试",
  round: (n: number): string => `第 ${n} 次`,
  result: "查看成绩",
  practice: "试考，不评分",
  practiceResult: "查看试考结果",
  goOn: "继续考试",
  checkIn: "去考前确认",
  states: {
    opened: "待进入考场",
    started: "考试中",
    entry_closed: "未参加（已过入场时间）",
  },
  outcome: { passed: "合格", failed: "不合格", invalidated: "不合格" },
  provisional: "暂定",
  points: (got: number, full: number): string => `${got} 分 / 满分 ${full} 分`,
  submittedAt: (time: string): string => `交卷时间：${time}`,
  startsAt: (time: string): string => `考试时间：${time}`,
  noResult: "成绩暂时无法显示，请稍后刷新",
} as const;
