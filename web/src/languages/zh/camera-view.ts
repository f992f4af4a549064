/** All that a person reads here, in Chinese (zh-CN). */
export const cameraViewTexts = {
  open: "重新开启摄像头",
  states: {
    live: "",
    closed: "摄像头已关闭，请立即开启，否则记为异常。",
    ended: "摄像头已断开，请重新接好，画面会自动恢复；否则记为异常。",
    muted: "摄像头没有画面，请关闭其他正在使用摄像头的程序。",
    covered: "画面被遮挡或太暗，请移开遮挡物、打开灯光。",
  },
  failures: {
    refused: "浏览器不允许使用摄像头，请点击地址栏左侧的图标改为“允许”。",
    none: "没有找到摄像头，请检查连接。",
    busy: "摄像头被其他程序占用，请关闭它们后重试。",
    insecure: "当前页面不是安全连接（https），浏览器不允许使用摄像头。",
    failed: "摄像头开启失败，请重试。",
  },
} as const;
