/** All that a person reads here, in Chinese (zh-CN). */
export const waitingTexts = {
  title: "候考",
  leave: "退出候考",
  runningTitle: "考试已经开始",
  until: "距离考试开始",
  starts: (time: string): string => `${time} 开考`,
  itself: "到时间后，本页面会自动出现“开始考试”，无需刷新。",
  now: "现在可以开始考试",
  enterUntil: (time: string): string => `请在 ${time} 前进入，剩余`,
  late: "已超过入场时间，无法进入考试",
  lateMore: (until: string, hotline: string): string =>
    `入场已于 ${until} 截止。如有疑问，请拨打客服电话 ${hotline}。`,
  preview: "摄像头画面",
  offline: "网络连接中断",
  offlineMore: "正在自动重连，倒计时以服务器时间为准，不受影响。请不要关闭或刷新本页面。",
  mind: "候考须知",
  warnings: [
    "请不要关闭或刷新本页面，否则需要重新考前确认。",
    "请保持摄像头开启，坐在画面中间。",
    "请关闭微信、QQ 等会弹出窗口的程序，考试中弹窗可能被记为切屏。",
    "请连接电源，关闭自动休眠。",
  ],
} as const;
