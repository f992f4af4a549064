/** All that a person reads here, in Chinese (zh-CN). */
export const agreementTexts = { title: "协议" } as const;
