/** All that a person reads here, in Chinese (zh-CN). */
import { titles } from "./titles";

export const agreementTexts = { title: titles.agreement } as const;
