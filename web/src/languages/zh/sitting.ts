/** All that a person reads here, in Chinese (zh-CN). */
import { titles } from "./titles";

export const sittingTexts = {
  title: titles.sitting,
  failed: "已保存的答案不受影响。请检查网络，稍后点击“重试”；如一直如此，请拨打客服电话。",
  blocked: "本场考试已在另一个标签页打开",
  blockedMore: "请回到那个标签页继续；如要在本页继续，请关闭那个标签页，本页会自动继续。",
  superseded: "您已在其他页面进入考试",
  supersededMore:
    "本页面不再有效，已保存的答案不受影响。请在新的页面继续；如需回到本页，要重新完成考前确认。",
  checkInHere: "在本页重新考前确认",
  leaveTitle: "确定离开吗？",
  leaveWaiting: "离开候考页面后，再次进入需要重新完成考前确认，包括人脸核验。",
  leaveExam: "离开考试页面记为 1 次切屏，再次进入需要重新完成考前确认。考试时间不会暂停。",
  leave: "仍要离开",
  stay: "留在本页",
} as const;
