// `/_local/`: shows the launcher's state anew every two seconds and when the tab comes to the front.

const MINUTE = 60_000;
const EVERY_MS = 2000;
const EXAMS_EVERY_MS = 10_000;
const LATER_MS = 20_000;
const AFTER_THE_END_MIN = 10; // who started late has their whole time
const PHASES = { upcoming: "未开始", waiting: "候考中", running: "考试中", ended: "已结束" };
const PACKS = { "shanxi-agency-practitioners": "agency-practitioners", "shanxi-evaluation-experts": "evaluation-experts", "shanxi-practice": "practice", "local-short": "practice" };
const STARTS_IN_MIN = 20;

const at = (id) => document.getElementById(id);
const time = (ms) => new Date(ms).toLocaleString("zh-CN", { timeZone: "Asia/Shanghai", hour12: false });
let ahead = 0; // of the device's clock

function element(tag, content = "", attributes = {}) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...[content].flat());
  return made;
}

function row(...cells) {
  return element("tr", cells.map((cell) => element("td", cell)));
}

function pressed(text, then, disabled = false) {
  const button = element("button", text, { type: "button", disabled });
  button.addEventListener("click", then);
  return button;
}

/** A button that copies, and says so for a moment. */
function copying(button, text) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text());
    const name = button.textContent;
    button.textContent = "已复制";
    setTimeout(() => (button.textContent = name), 1200);
  });
  return button;
}

function copyButton(text) {
  return copying(element("button", "复制", { type: "button", className: "copy" }), () => text);
}

// The list of exams may be kept for seconds; a new exam is shown at once here.
async function json(path, body) {
  const answer = await fetch(path, body === undefined ? { cache: "no-cache" } : { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error((await answer.json()).error?.message ?? answer.status);
  return answer.json();
}

function tell(text, bad = false) {
  at("notice").textContent = text;
  at("notice").dataset.bad = bad;
}

// --- what changes by itself

/** Rows are replaced only when they changed, so that a press is never lost under the finger. */
function fill(id, content, make) {
  const told = JSON.stringify(content);
  if (at(id).dataset.told === told) return;
  at(id).dataset.told = told;
  at(id).replaceChildren(...make(content));
}

function ago(sentAt) {
  const seconds = Math.round((Date.now() - sentAt) / 1000);
  if (!sentAt) return "以前";
  if (seconds < 60) return "刚刚";
  return seconds < 3600 ? `${Math.floor(seconds / 60)} 分钟前` : `${Math.floor(seconds / 3600)} 小时前`;
}

function showMessages(messages) {
  const rows = messages.map(({ phone, message, sent_at }) => ({ phone, message, ago: ago(sent_at) }));
  fill("messages", rows, (list) =>
    list.length
      ? list.map(({ phone, message, ago }) => element("li", [element("span", `${phone} · ${ago}　`, { className: "quiet" }), message]))
      : [element("li", "还没有短信。考生点“获取验证码”后，短信出现在这里。", { className: "quiet" })],
  );
  const withCode = messages.find(({ message }) => /\d{6}/.test(message));
  at("code").textContent = withCode?.message.match(/\d{6}/)[0] ?? "–";
  at("code-note").textContent = withCode ? `发给 ${withCode.phone}，${ago(withCode.sent_at)}` : "点“获取验证码”后出现";
}

function showCaptcha(captcha) {
  at("captcha").textContent = captcha?.answer ?? "–";
  at("captcha").dataset.old = captcha?.used ?? false;
  at("captcha-note").textContent = !captcha
    ? "考生页面显示验证码后出现"
    : captcha.used ? "已用过，换一张后再看" : "考生页面最新一张的答案";
}

function showOperators(operators) {
  at("left").textContent = operators[0]?.seconds_left ?? "…";
  fill("operators", operators.map(({ name, staff_number, code }) => ({ name, staff_number, code })), (list) =>
    list.length
      ? list.map(({ name, staff_number, code }) => row(name, `工号 ${staff_number}`, [code, copyButton(code)]))
      : [row("没有演示运营人员")],
  );
}

function showFaults(faults) {
  fill("faults", faults, (list) =>
    list.map(({ name, title, effect, on }) => {
      const box = element("input", "", { type: "checkbox", checked: on });
      box.addEventListener("change", async () => show(await json("/_local/faults", { name, on: box.checked })));
      const label = element("label", [box, element("span", [element("strong", title), element("br"), element("span", effect, { className: "quiet" })])]);
      label.className = "fault";
      label.dataset.on = on;
      return label;
    }),
  );
}

function show(state) {
  ahead = state.now - Date.now();
  showMessages(state.messages);
  showCaptcha(state.captcha);
  showOperators(state.operators);
  showFaults(state.faults);
}

// --- tabs of candidates

const tabs = [];

/** Opens the link of a candidate's page in a new tab that this page can speak to. */
function opened(link) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    tabs.push(window.open(link.href));
  });
  return link;
}

/** Makes the tabs ask for the time now: the page does so when the network comes back. */
function tellTabs() {
  for (const tab of tabs) if (tab && !tab.closed) tab.dispatchEvent(new tab.Event("online"));
}

// --- exams and clock

const ends = (exam) => exam.entry_until + (exam.duration_min + AFTER_THE_END_MIN) * MINUTE;

function examRow(exam, now) {
  const detail = opened(element("a", exam.title, { href: `/exam/detail?id=${encodeURIComponent(exam.exam_id)}` }));
  const pack = PACKS[exam.exam_id.replace(/-\d+$/, "")];
  const answers = pack ? [" · ", element("a", "试题和答案", { href: `/_local/answers/${pack}`, target: "_blank" })] : [];
  const practice = exam.kind === "practice";
  const state = practice ? "一直开放，不计成绩" : `${PHASES[exam.phase] ?? exam.phase}，${time(exam.starts_at)} 开考，${exam.duration_min} 分钟`;
  const to = (text, moment) => pressed(text, () => moveTo(moment), moment <= now);
  const bells = practice ? [] : [
    to("到候考", exam.waiting_opens_at), to("到开考", exam.starts_at),
    to("到停止入场", exam.entry_until + 1), to("到全场结束", ends(exam)),
  ];
  const first = [detail, element("br"), element("span", [state, ...answers], { className: "quiet" })];
  if (bells.length) first.push(element("div", bells, { className: "row" }));
  return row(first);
}

/** Exams that can still be entered come first, of these the newest; the practice exam is in between. */
function inOrder(exams, now) {
  const rank = (exam) => (exam.kind === "practice" ? 1 : exam.entry_until > now ? 0 : 2);
  return [...exams].sort((a, b) => rank(a) - rank(b) || b.starts_at - a.starts_at);
}

/** All exams that are not over; the list comes by pages. */
async function currentExams() {
  const exams = [];
  let after = "";
  while (after !== null) {
    const page = await json(`/api/exams?most=50&after=${encodeURIComponent(after)}`);
    exams.push(...page.exams);
    after = page.next;
  }
  return exams;
}

async function showExams() {
  try {
    const exams = await currentExams();
    const now = Date.now() + ahead;
    const passed = exams.map((exam) => [exam.waiting_opens_at, exam.starts_at, exam.entry_until, ends(exam)].filter((moment) => moment <= now).length);
    fill("exams", [exams, passed], ([list]) => (list.length ? inOrder(list, now).map((exam) => examRow(exam, now)) : [row("暂无考试")]));
  } catch {
    tell("考试列表读不到：接口没有回答（故障开关？）", true);
  }
}

async function move(byMs) {
  const buttons = [...document.querySelectorAll("[data-minutes], #exams button")].filter((button) => !button.disabled);
  for (const button of buttons) button.disabled = true;
  tell("时钟正在前进，经过的每一分钟都会运行定时任务…");
  try {
    const moved = await json("/_local/clock", { advance_ms: Math.max(0, Math.ceil(byMs)) });
    ahead = moved.now - Date.now();
    tellTabs();
    tell(`现在是 ${time(moved.now)}，运行了 ${moved.minutes_run} 次每分钟任务。`);
  } catch (error) {
    tell(`时钟没有前进：${error.message}`, true);
  }
  for (const button of buttons) button.disabled = false;
  await showExams();
  await refresh();
}

/** `ms` says at the moment of the move how far it goes. */
function soonOrLater(ms) {
  if (!at("later").checked) return move(ms());
  tell("20 秒后拨动时钟，现在可以切回考试页面。");
  setTimeout(() => move(ms()), LATER_MS);
}

function moveTo(moment) {
  return soonOrLater(() => moment - (Date.now() + ahead));
}

async function publish(pack) {
  tell("正在发布…");
  try {
    const seconds = ((Date.now() + ahead) % MINUTE) / MINUTE; // it starts at a whole minute
    await json("/_local/exams", { pack, starts_in_min: STARTS_IN_MIN - seconds });
    await showExams();
    tell("已发布，在下面的列表里。");
  } catch (error) {
    tell(`没有发布：${error.message}`, true);
  }
}

// --- a person to fill the forms with

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const random = (below) => Math.floor(Math.random() * below);
const digits = (number, places) => String(number).padStart(places, "0");

function madeUp() {
  const born = `${1965 + random(35)}${digits(1 + random(12), 2)}${digits(1 + random(28), 2)}`;
  const body = `140105${born}${digits(random(1000), 3)}`;
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(body[place]), 0);
  return {
    手机号: `139${digits(random(1e8), 8)}`,
    姓名: `王${"晓明建国文静志强"[random(8)]}华`,
    居民身份证号: body + "10X98765432"[sum % 11],
    所属单位: "山西示例招标代理有限公司",
  };
}

/** The person of this tab: a reload must not change who is registering. */
function person() {
  const kept = sessionStorage.getItem("person");
  return kept ? JSON.parse(kept) : another();
}

function another() {
  const made = madeUp();
  sessionStorage.setItem("person", JSON.stringify(made));
  return made;
}

function showPerson(shown) {
  const rows = Object.entries(shown).map(([name, value]) => row(name, [value, copyButton(value)]));
  at("person").replaceChildren(...rows);
}

// --- an ID photo from the camera

async function shoot() {
  const video = at("camera").querySelector("video");
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 960 } });
    at("camera").showModal();
  } catch {
    at("shoot-note").textContent = "摄像头打不开：请在地址栏允许使用摄像头，并关掉占用它的程序。";
  }
}

function endShooting() {
  for (const track of at("camera").querySelector("video").srcObject?.getTracks() ?? []) track.stop();
}

/** Downloads the middle of the picture in the shape of an ID photo, 590 × 826. */
function take() {
  const video = at("camera").querySelector("video");
  const canvas = element("canvas", "", { width: 590, height: 826 });
  const width = Math.min(video.videoWidth, (video.videoHeight * 590) / 826);
  canvas.getContext("2d").drawImage(video, (video.videoWidth - width) / 2, 0, width, (width * 826) / 590, 0, 0, 590, 826);
  canvas.toBlob((picture) => {
    const link = element("a", "", { href: URL.createObjectURL(picture), download: "id-photo.jpg" });
    link.click();
    URL.revokeObjectURL(link.href);
    at("shoot-note").textContent = "已下载 id-photo.jpg，在“身份信息”里上传它。";
    at("camera").close();
  }, "image/jpeg", 0.92);
}

// --- the page

async function refresh() {
  try {
    show(await json("/_local/state"));
  } catch {
    tell("本机服务没有回答，可能已经停止。", true);
  }
}

for (const button of document.querySelectorAll("[data-copy]")) copying(button, () => at(button.dataset.copy).textContent);
for (const button of document.querySelectorAll("[data-minutes]")) {
  button.addEventListener("click", () => soonOrLater(() => Number(button.dataset.minutes) * MINUTE));
}
for (const button of document.querySelectorAll("[data-pack]")) button.addEventListener("click", () => publish(button.dataset.pack));
opened(document.querySelector(".enter"));
at("another").addEventListener("click", () => showPerson(another()));
at("shoot").addEventListener("click", shoot);
at("take").addEventListener("click", take);
at("no-photo").addEventListener("click", () => at("camera").close());
at("camera").addEventListener("close", endShooting);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
setInterval(() => (at("clock").textContent = time(Date.now() + ahead)), 250);
setInterval(refresh, EVERY_MS);
setInterval(showExams, EXAMS_EVERY_MS);
showPerson(person());
await refresh();
await showExams();
