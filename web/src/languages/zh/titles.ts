/** The title of each address, in Chinese. They are apart from other texts, because the first view loads them all. */
export const titles = {
  agreement: "协议",
  verify: "证书查验",
  examDetail: "考试详情",
  deviceCheck: "设备检测",
  help: "考试开启摄像头",
  me: "个人中心",
  notFound: "没有找到页面",
  portal: "从业人员教育",
  register: "新用户注册",
  signIn: "登录",
  sitting: "考试",
} as const;
