/** All that a person reads here, in Chinese (zh-CN). */
import { titles } from "./titles";

export const notFoundTexts = {
  title: titles.notFound,
  body: "您打开的地址不存在，可能是链接不完整。您要找的可能是：",
  exams: "考试列表",
  mine: "我的考试",
} as const;
