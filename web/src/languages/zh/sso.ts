/** Texts of the sign-in by a platform, in a file of their own so that the first view of the page stays small. */
export const ssoTexts = {
  by: (title: string): string => `${title}账号登录`,
  have: "已有平台账号的，请到平台登录，完成后自动返回本页。",
  instead: "平台账号登录不受影响：以前用平台账号登录过的，请点击下面的按钮登录。",
  leaving: "正在前往登录平台…",
  title: "平台账号登录",
  returning: "正在完成登录…",
  denied: "您已取消登录。可以重新登录，或使用手机快捷登录。",
  refused: "登录平台未能完成登录，请稍后重试，或使用手机快捷登录。",
  incomplete: "登录信息不完整，请重新点击登录按钮。",
  again: "重新登录",
  toPortal: "返回首页",
  retry: "重试",
  linkTitle: "验证手机号",
  linkIntro:
    "平台账号首次登录，请验证手机号：已注册过的手机号将关联到原有账号，未注册的将自动建立账号。之后可直接用平台账号登录。",
  linkSubmit: "验证并登录",
  linked: "手机号已验证，您已登录。以后可以直接用平台账号登录。",
  linkBusy: "正在登录…",
  stillSigningIn: "已登录，但暂时无法读取您的信息，请重试。",
} as const;
