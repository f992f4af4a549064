/** All that a person reads here, in Chinese (zh-CN). */
import { titles } from "./titles";

export const registerTexts = {
  title: titles.register,
  intro: "用手机号注册考试平台账号，注册后即可登录。",
  verify: "验证手机号",
  about: "填写资料",
  aboutHint: "姓名、单位和地区可以稍后在个人中心补充；开始考试前须填写完整。",
  submit: "立即注册",
  busy: "正在注册…",
  done: "注册成功，您已登录。参加考试前，请在“个人中心”完善身份信息。",
  haveAccount: "已有账号？",
  signIn: "去登录",
  signedIn: "您已登录，不需要再注册。",
  role: "身份类别",
} as const;
