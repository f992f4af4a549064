/** All that a candidate reads from the page itself, in Chinese (zh-CN), in one place. */
export const texts = {
  common: {
    product: "考场",
    productLong: "考场 · 从业资格在线考试",
    skip: "跳到正文",
    close: "关闭",
    cancel: "取消",
    back: "返回",
    next: "下一步",
    confirm: "确定",
    save: "保存",
    retry: "重试",
    loading: "正在加载…",
    offline: "网络连接中断，请检查网络后重试",
    serverDown: "系统繁忙，请稍后重试",
    unexpected: "页面出现异常，请刷新后重试；如一直如此，请拨打客服电话",
    uploadRefused: "上传未成功，请重试",
    beijingTime: "北京时间",
    hotline: (number: string): string => `客服电话 ${number}`,
  },
  header: {
    home: "考场首页",
    signIn: "去登录",
    signOut: "退出登录",
    profile: "个人中心",
    help: "考试开启摄像头",
    offlineBanner: "网络已断开，恢复后会自动继续",
  },
  portal: {
    title: "从业人员教育",
    heading: "政府采购从业资格考试",
    intro: "在家参加考试：登录、完成身份信息、考前确认，准时进入考场。请使用带摄像头的电脑。",
    all: "全部",
    empty: "目前没有考试。新的考试发布后会显示在这里。",
    emptyAudience: "目前没有面向该人群的考试。",
    open: "查看考试",
    ended: "已结束的考试",
  },
  audience: { agency_practitioner: "代理机构从业人员", evaluation_expert: "评审专家" },
  phase: { upcoming: "未开始", waiting: "候考中", running: "考试中", ended: "已结束" },
  detail: {
    title: "考试详情",
    missingId: "链接中没有考试编号，请从考试列表进入。",
    toPortal: "查看全部考试",
    start: "开始考试",
    resume: "继续考试",
    result: "查看成绩",
    startsAt: "考试开始",
    duration: "考试时长",
    minutes: (n: number): string => `${n} 分钟`,
    passMark: "合格线",
    passMarkValue: (percent: number, points: number): string =>
      `满分 ${points} 分，${(points * percent) / 100} 分合格`,
    paper: "试卷",
    rules: "本场考试规则",
    notice: "考试须知",
    hotline: "遇到问题",
    countdown: {
      upcoming: "距离候考开放",
      waiting: "距离考试开始",
      running: "距离停止入场",
      closed: "入场已截止",
      ended: "考试已结束",
    },
    opensAt: (time: string): string => `${time} 起可以开始考前确认并进入候考。`,
    rosterOnly: "仅限报名名单内的考生参加",
    computerOnly: "本场考试仅支持电脑端答题",
    computerOnlyMore: "请在带摄像头的电脑上，用浏览器打开下面的链接：",
    insecure:
      "当前页面不是安全连接（https），浏览器不允许使用摄像头。请使用 https 开头的考试链接。",
  },
  rules: {
    waiting: (min: number): string => `开考前 ${min} 分钟开放候考，建议提前完成考前确认。`,
    entry: (min: number): string => `开考 ${min} 分钟后无法进入考试。`,
    closing: "关闭或刷新候考页面后，需要重新完成考前确认，包括人脸核验。",
    chances: (n: number): string => `身份核验共有 ${n} 次机会；重新拍照不限次数。`,
    switches: (n: number): string => `离开考试页面即为切屏，第 ${n} 次切屏时系统将直接自动收卷。`,
    fullscreen: (s: number): string => `考试全程全屏。退出全屏后请在 ${s} 秒内返回，否则记为切屏。`,
    pageLoss: "考试中关闭或刷新页面记为 1 次切屏；网络中断不算切屏。",
    snapshots: (n: number): string =>
      `考试中随机抓拍。画面中有多人的抓拍达 ${n} 次，成绩判定为不合格；如核实为非本人，成绩判定为不合格。`,
    camera: "交卷前请一直开启摄像头，避免低头、侧脸、捂脸、佩戴耳机。",
    network: (down: number, up: number): string =>
      `推荐网速：下行 ${down} Mbps、上行 ${up} Mbps 以上。`,
    multipleAll: "多选题须全部选对才得分。",
    multipleHalf: "多选题少选得一半分，错选不得分。",
  },
  question: { single: "单选题", multiple: "多选题", judge: "判断题" },
  section: (title: string, count: number, points: number): string =>
    `${title}：${count} 题，每题 ${points} 分`,
  help: {
    title: "考试开启摄像头",
    intro:
      "考试全程需要开启摄像头。如果设备检测中没有画面，请按下面的步骤检查，然后回到检测页面点击“重新检测”。",
    parts: [
      {
        heading: "一、允许浏览器使用摄像头",
        steps: [
          "点击地址栏左侧的锁形或摄像头图标，将“摄像头”设为“允许”。",
          "如果没有看到该选项，打开浏览器设置中的“隐私和安全 > 网站设置 > 摄像头”，把本网站从“不允许”中移除。",
          "360 或 QQ 浏览器请先切换到“极速模式”。",
          "修改后刷新页面，在弹出的询问中选择“允许”。",
        ],
      },
      {
        heading: "二、允许系统使用摄像头",
        steps: [
          "Windows：打开“设置 > 隐私和安全性 > 摄像头”，开启“摄像头访问”和“让桌面应用访问你的摄像头”。",
          "macOS：打开“系统设置 > 隐私与安全性 > 摄像头”，勾选您使用的浏览器，然后重新打开浏览器。",
        ],
      },
      {
        heading: "三、摄像头被其他程序占用",
        steps: [
          "关闭微信、QQ、腾讯会议、钉钉等可能正在使用摄像头的程序。",
          "关闭其他正在使用摄像头的浏览器标签页。",
          "仍被占用时，重新启动电脑。",
        ],
      },
      {
        heading: "四、找不到摄像头或画面是黑的",
        steps: [
          "外接摄像头请重新插拔 USB 接口，最好直接连接电脑。",
          "检查镜头盖或隐私挡板是否打开，笔记本键盘上的摄像头按键是否关闭了摄像头。",
          "连接了多个摄像头时，在设备检测页面选择另一个。",
          "用系统自带的“相机”程序检查能否看到画面。",
        ],
      },
      {
        heading: "五、让画面更清楚",
        steps: [
          "面向窗户或台灯，不要背光。",
          "摄像头与眼睛同高，脸部完整地出现在画面中间。",
          "背景中不要有其他人、海报或照片。",
        ],
      },
    ],
  },
  notFound: {
    title: "没有找到页面",
    body: "您打开的地址不存在，可能是链接不完整。",
  },
} as const;
