/** All that a person reads here, in Chinese (zh-CN). */
import type { Schemas } from "@/api/client";

export const announcementTexts = {
  title: "通知",
  button: (n: number): string => (n ? `通知（${n}）` : "通知"),
  fresh: (n: number): string => (n === 1 ? "新通知" : `${n} 条新通知`),
  said: (texts: string[]): string => (texts.length ? `新通知：${texts.join("；")}` : ""),
  forAll: "全场",
  toMe: "给您",
  understood: "我知道了",
  below: "往下看",
  none: "还没有通知。工作人员发布通知后会自动显示。",
  unread: "未确认",
} as const;

export const helpTexts = {
  title: "请求帮助",
  waiting: "求助已收到",
  choose: "您遇到了什么问题？",
  reasons: {
    camera: "摄像头问题",
    network: "网络问题",
    display: "题目显示不正常",
    unwell: "身体不适",
    other: "其他问题",
  } satisfies Record<Schemas["HelpReason"], string>,
  hint: (hotline: string): string =>
    `请求帮助不算切屏，考试时间照常计算。工作人员的回复会作为通知显示在本页。紧急情况请拨打客服电话 ${hotline}。`,
  send: "发送",
  sent: (time: string, reason: string): string => `${time} 已发送：${reason}`,
  sentMore: "请留在本页继续，工作人员的回复会作为通知显示在这里。",
} as const;
