/** All that a person reads here, in Chinese (zh-CN). */
import { titles } from "./titles";

export const deviceCheckTexts = {
  title: titles.deviceCheck,
  intro: "不用登录，看看这台电脑的摄像头和网络能不能用来考试。画面只在本机显示，不会上传。",
  camera: "摄像头",
  network: "网络",
  measure: "检测网络",
  measuring: "正在检测…",
  again: "重新检测",
  notYet: "点击“检测网络”，约需 5 秒。",
  up: "上行网速",
  upLater: "试考时测量",
  fine: "网络状况良好",
  weak: "网络低于推荐值",
  weakMore: "建议使用网线或靠近路由器，关闭下载和视频，再检测一次。",
  failed: "没有测出网速",
  failedMore: "可能是网络中断，或网络限制了测速。请检查网络后重新检测。",
  practice: "摄像头和网络可用后，请再完成一次试考：身份核验、全屏和抓拍只有试考才能试到。",
  toPractice: "去试考",
  phone: "本场考试仅支持电脑端答题，请在考试要用的电脑上检测。",
} as const;
