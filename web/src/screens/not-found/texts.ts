/** All that a person reads here, in Chinese (zh-CN). */
export const notFoundTexts = {
  title: "没有找到页面",
  body: "您打开的地址不存在，可能是链接不完整。",
} as const;
