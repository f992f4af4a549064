/** All that a person reads here, in Chinese (zh-CN). */
import { titles } from "./titles";

export const portalTexts = {
  title: titles.portal,
  heading: "政府采购从业资格考试",
  intro: "在家参加考试：登录、完成身份信息、考前确认，准时进入考场。请使用带摄像头的电脑。",
  all: "全部",
  empty: "目前没有考试。新的考试发布后会显示在这里。",
  emptyAudience: "目前没有面向该人群的考试。",
  open: "查看考试",
  enter: "去考试",
  goOn: "继续考试",
  result: "查看成绩",
  check: "先检测一下设备",
  showAll: "查看全部考试",
  untried: "未试考",
  own: {
    opened: "待进入考场",
    started: "进行中",
    entry_closed: "未参加",
    submitted: "已交卷",
    passed: "已通过",
    failed: "未通过",
  },
  coming: "当前和即将开始的考试",
  ended: "已结束的考试",
  more: "显示更多考试",
  moreEnded: "显示更早的考试",
} as const;
