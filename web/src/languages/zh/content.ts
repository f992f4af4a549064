/** All that a person reads here, in Chinese (zh-CN). */
export const contentTexts = {
  picture: "图片",
  pictureOf: (alt: string): string => `图片：${alt}`,
  loading: "图片加载中…",
  failed: "图片没有加载成功",
  again: "重新加载",
  enlarge: "放大",
  enlargeOf: (name: string): string => `放大${name}`,
  closeHint: "按 Enter 键或点击图片关闭。全屏时请不要按 Esc 键，以免退出全屏。",
  // heard alone: 10² must not be heard as 102
  raised: { superscript: "上标", subscript: "下标", bold: "", underline: "" },
  table: "表格",
} as const;
