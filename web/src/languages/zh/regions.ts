/** How the provinces are called, in Chinese (zh-CN): as they are stored. */
export const regionTexts = {
  province: (stored: string): string => stored,
} as const;
