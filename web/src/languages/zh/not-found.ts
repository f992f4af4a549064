/** All that a person reads here, in Chinese (zh-CN). */
import { titles } from "./titles";

export const notFoundTexts = {
  title: titles.notFound,
  body: "您打开的地址不存在，可能是链接不完整。",
} as const;
