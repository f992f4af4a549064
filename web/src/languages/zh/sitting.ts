/** All that a person reads here, in Chinese (zh-CN). */
import { titles } from "./titles";

export const sittingTexts = {
  title: titles.sitting,
  failed: "已保存的答案不受影响。请检查网络，稍后点击“重试”；如一直如此，请拨打客服电话。",
  blocked: "本场考试已在另一个标签页打开",
  blockedMore: "请回到那个标签页继续；如要在本页继续，请关闭那个标签页，本页会自动继续。",
  superseded: "您已在其他页面进入考试",
  supersededMore:
    "本页面不再有效，已保存的答案不受影响。请在新的页面继续；如需回到本页，要重新完成考前确认。",
  checkInHere: "在本页重新考前确认",
  leaveTitle: "确定离开吗？",
  leaveWaiting: "离开候考页面后，再次进入需要重新完成考前确认，包括人脸核验。",
  leaveExam: "离开考试页面后，再次进入需要重新完成考前确认，包括人脸核验。考试时间不会暂停。",
  leaveCounts: "再次进入时记为 1 次切屏。",
  leave: "仍要离开",
  stay: "留在本页",
} as const;

export const comingBackTexts = {
  title: "考试正在进行，您可以回来继续作答",
  time: "考试时间",
  until: (time: string): string => `考试进行到北京时间 ${time}，期间不暂停。剩余`,
  answers: "您的答案",
  saved: (n: number): string => `答案没有丢失：服务器已保存 ${n} 题。`,
  unsent: (n: number): string =>
    `另有 ${n} 题的最新作答还在这台电脑上，进入考场后会自动发送，请不要清除浏览器数据。`,
  nothingUnsent: "这台电脑上没有等待发送的作答。",
  switch: "切屏",
  counts: (n: number, limit: number): string =>
    `考试页面曾被关闭、刷新或意外中断，现在还没有计次；进入考场时记为第 ${n} 次切屏，达 ${limit} 次将自动收卷。`,
  countsLast: (n: number, hotline: string): string =>
    `考试页面曾被关闭、刷新或意外中断，现在还没有计次；进入考场时记为第 ${n} 次切屏，试卷会立即自动提交，服务器已保存的答案照常计分。如因电脑故障中断，请先拨打客服电话 ${hotline}。`,
  countsInPractice: (n: number): string =>
    `页面曾被关闭、刷新或意外中断，进入考场时记为第 ${n} 次切屏。试考不会因切屏收卷。`,
  sameAbsence: (n: number, limit: number): string =>
    `您离开时的切屏已经记过，回来不再计次。目前共 ${n} 次，达 ${limit} 次将自动收卷。`,
  notCounted: "这次离开后回来，不记为切屏。",
  now: "接下来",
  todo: "重新完成考前确认（包括人脸核验），然后回到您离开时的那一题。",
  go: "继续考前确认",
} as const;
