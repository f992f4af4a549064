/** How times are written, in Chinese (zh-CN). */
export const formatTexts = {
  locale: "zh-CN",
  month: "long", // 11月; the short form is the same
  days: (n: number): string => `${n} 天 `,
} as const;
