/** All that a person reads here, in Chinese (zh-CN). */
import { titles } from "./titles";

export const signInTexts = {
  title: titles.signIn,
  way: "手机快捷登录",
  submit: "登录",
  busy: "正在登录…",
  noAccount: "还没有考试平台账号？",
  register: "新用户注册",
  stillSigningIn: "登录成功，但暂时读取不到您的信息。请再点一次“登录”，不需要重新获取验证码。",
} as const;

export const phoneTexts = {
  phone: "手机号",
  captcha: "图形验证码",
  captchaHint: "看图片填写 4 位字符，不分大小写",
  captchaFirst: "先填手机号",
  captchaAlt: "图形验证码图片",
  captchaAnother: "换一张",
  captchaExpired: "已过期，请换一张",
  captchaFailed: "图片没有加载出来",
  audio: "收听英文数字",
  audioLabel: "语音验证码",
  audioHint: "语音为 4 个英文数字（zero 至 nine），听后填写 4 位数字",
  audioAnother: "换一段语音",
  picture: "改用图片",
  code: "验证码",
  codeHint: "短信中的 6 位数字",
  send: "获取验证码",
  sending: "正在发送…",
  again: (wait: string): string => `${wait}后重新获取`,
  seconds: (n: number): string => `${n} 秒`,
  sent: (phone: string): string => `验证码已发送至 ${phone}，5 分钟内有效。`,
  needPhone: "请填写 11 位手机号",
  needCaptcha: "请填写图形验证码",
  needSpoken: "请填写听到的 4 位数字",
  needCode: "请填写短信中的 6 位验证码",
  needSend: "请先获取验证码",
  wrong: (why: string, left: number): string =>
    left ? `${why}，本验证码还可尝试 ${left} 次` : `${why}，请重新获取验证码`,
  proven: "手机号已验证，无需再收验证码",
  proveAnew: "重新验证",
  provenOver: "手机号的验证已过期，请重新获取验证码",
} as const;
