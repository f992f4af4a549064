/** All that a person reads here, in Chinese (zh-CN). */
export const contentTexts = {
  picture: "图片",
  pictureOf: (alt: string): string => `图片：${alt}`,
  loading: "图片加载中…",
  failed: "图片没有加载成功",
  again: "重新加载",
  enlarge: "放大",
  enlargeOf: (name: string): string => `放大${name}`,
  table: "表格",
} as const;
