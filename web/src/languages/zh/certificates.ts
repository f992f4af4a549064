/** All that a person reads here, in Chinese (zh-CN). */
import { titles } from "./titles";

export const certificateTexts = {
  mine: "我的证书",
  empty: "您还没有证书",
  emptyMore: "考试合格并成为最终成绩后，证书会显示在这里。",
  toExams: "查看我的考试",
  heading: "合格证书",
  holder: "姓名",
  idNumber: "证件号码",
  exam: "考试",
  sitting: "场次",
  score: "成绩",
  points: (got: number, full: number): string => `${got} 分 / 满分 ${full} 分`,
  passedOn: "合格日期",
  number: "证书编号",
  edition: (n: number): string => `第 ${n} 版`,
  reason: "说明",
  changedAt: "状态更新",
  states: {
    valid: "有效",
    suspended: "已暂停",
    revoked: "已撤销",
    superseded: "已被新版取代",
    unconfirmed: "无法确认",
  },
  view: "查看证书（PDF）",
  viewMore: "请保存 PDF 文件：文件带有数字签名，打印件以查验页面为准。",
  preparing: "PDF 正在制作，完成后会自动显示。",
  failed: (why: string): string => `没有打开证书：${why}`,
  verify: titles.verify,
  verifyIntro: "输入证书上的编号，或扫描证书上的二维码，查看证书内容和当前状态。",
  verifySubmit: "查验",
  needNumber: "请输入证书编号",
  unknown: "没有找到这个编号的证书",
  unknownMore: "请对照证书核对编号。证书上印有的编号查不到时，该证书不是由本平台签发的。",
  compare: "请将以下内容与您手中的证书逐项核对，不一致的证书无效。",
  issuer: "签发方",
  issuedAt: "签发时间",
  newer: "查看新版",
  other: "查验其他证书",
  offline: "如何核对 PDF 文件本身",
  offlineMore:
    "用支持数字签名的阅读器（如 Adobe Acrobat Reader）打开 PDF，签名面板应显示“签名有效，文档未被修改”，签名者与本页的签发方一致。文件被改动任何一处，签名都会失效。签名只说明文件由谁签发、未被改动；证书当前是否有效，以本页状态为准。",
} as const;

export const attemptCertificateTexts = {
  title: "证书",
  preparing: "证书正在制作，通常在一分钟内完成，完成后会自动显示在这里。",
} as const;
