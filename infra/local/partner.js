// The partner platform's pages: 企业信息 > 培训列表 > 查看结果, and 专家工作台 > 培训列表 > 查看结果 > 证书详情.
// All that is shown comes from the signed API, through the platform's own server (infra/local/partner.py).

const content = document.querySelector("#content");
const tabs = Object.fromEntries(["company", "expert", "calls"].map((name) => [name, document.querySelector(`#${name}`)]));
const OUTCOMES = { passed: "合格", failed: "不合格", invalidated: "不合格（监考）" };
const KINDS = {
  published: "成绩发布", invalidated: "判为不合格", overturned: "申诉改判", rescored: "更正评分",
  final: "成绩确定", reopened: "重新核查", certificate: "证书变化",
};
const STATUSES = { valid: "有效", suspended: "暂停", revoked: "撤销", superseded: "已更正", unconfirmed: "无法确认" };
const time = (ms) => new Date(ms).toLocaleString("zh-CN", { timeZone: "Asia/Shanghai", hour12: false });

function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  made.append(...children);
  return made;
}

function button(text, act) {
  const made = element("button", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function table(heads, rows) {
  const head = element("tr", null, ...heads.map((text) => element("th", text)));
  const lines = rows.map((cells) => element("tr", null, ...cells.map((cell) => (
    cell instanceof Node ? element("td", null, cell) : element("td", cell)))));
  return element("table", null, element("thead", null, head), element("tbody", null, ...lines));
}

let newest = 0; // of the steps: an answer that comes after another step was taken is not shown
class Late extends Error {}

async function ask(path) {
  const mine = newest;
  const answer = await fetch(`/_local/partner/${path}`);
  const told = await answer.json();
  if (mine !== newest) throw new Late();
  if (!answer.ok) throw Object.assign(new Error(told.error.message), { status: answer.status });
  return told;
}

function show(tab, ...parts) {
  for (const [name, one] of Object.entries(tabs)) one.setAttribute("aria-current", String(name === tab));
  content.replaceChildren(...parts);
}

function note(text) {
  const made = element("p", text);
  made.className = "quiet";
  return made;
}

/** Show what a step finds, or why it finds nothing. */
async function step(tab, work) {
  newest += 1;
  try {
    await work();
  } catch (error) {
    if (error instanceof Late) return;
    show(tab, note(error.status === 404 ? "暂无记录：该用户还没有用本平台账号登录过考试。" : error.message));
  }
}

/** The newest entry of each attempt, the last submitted first. */
function standing(results) {
  const newest = new Map(results.map((result) => [result.attempt_id, result]));
  return [...newest.values()].sort((one, other) => other.submitted_at - one.submitted_at);
}

/** 培训列表: one line for each exam, with a button to its results. */
function courses(tab, title, results) {
  if (!results.length) return show(tab, element("h2", title), note("暂无考试记录。"));
  const exams = new Map(standing(results).map((result) => [result.exam_id, result.exam_title]));
  const rows = [...exams].map(([id, name]) => [
    name,
    String(standing(results).filter((result) => result.exam_id === id).length),
    button("查看结果", () => list(tab, title, results, id)),
  ]);
  show(tab, element("h2", `${title} > 培训列表`), table(["考试", "考试记录", "操作"], rows));
}

/** 查看结果: how each attempt stands, and what was told of it before. */
function list(tab, title, results, exam) {
  const rows = standing(results).filter((result) => result.exam_id === exam).map((result) => {
    const told = results.filter((other) => other.attempt_id === result.attempt_id);
    const path = told.map((other) => `${time(other.told_at)} ${KINDS[other.kind] ?? other.kind}`).join("；");
    const certificate = result.certificate
      ? button(`证书详情（${STATUSES[result.certificate.status]}）`, () => step(tab, () => details(tab, title, results, result)))
      : "—";
    return [
      result.name, result.id_number_masked, `${result.points} / ${result.out_of}`,
      OUTCOMES[result.outcome] + (result.provisional ? "（暂定）" : ""), time(result.submitted_at), path, certificate,
    ];
  });
  const heads = ["姓名", "证件号码", "成绩", "结果", "交卷时间", "经过", "证书"];
  show(tab, element("h2", `${title} > 培训列表 > 查看结果`), button("返回培训列表", () => courses(tab, title, results)), table(heads, rows));
}

async function details(tab, title, results, result) {
  const told = await ask(`certificates/${encodeURIComponent(result.certificate.number)}`);
  const facts = {
    证书编号: told.number, 状态: told.message, 姓名: told.name, 证件号码: told.id_number_masked,
    所属单位: told.organisation, 考试: told.exam_title,
    成绩: told.points === null ? "" : `${told.points} / ${told.out_of}`, 通过日期: told.passed_on,
  };
  const lines = Object.entries(facts).flatMap(([name, value]) => [element("dt", name), element("dd", value)]);
  const parts = [
    element("h2", `${title} > 培训列表 > 查看结果 > 证书详情`),
    button("返回", () => list(tab, title, results, result.exam_id)),
    element("dl", null, ...lines),
  ];
  if (told.url) {
    const link = element("a", "打开证书 PDF（链接一分钟内有效）");
    link.href = told.url;
    link.rel = "noreferrer";
    parts.push(element("p", null, link));
  } else if (told.preparing) parts.push(note("证书文件正在生成。"));
  show(tab, ...parts);
}

tabs.company.addEventListener("click", () => step("company", async () => {
  const { organisation } = await ask("experts");
  const { entries } = await ask("results");
  courses("company", `企业信息（${organisation}）`, entries.map((entry) => entry.result));
}));

tabs.expert.addEventListener("click", () => step("expert", async () => {
  const { experts } = await ask("experts");
  const rows = experts.map((one) => [one.name, one.user, button("进入工作台", () => step("expert", async () => {
    const { results } = await ask(`people/${encodeURIComponent(one.user)}/results`);
    courses("expert", `专家工作台（${one.name}）`, results);
  }))]);
  show("expert", element("h2", "专家工作台"), note("以哪位用户的身份查看？"), table(["姓名", "平台账号", "操作"], rows));
}));

tabs.calls.addEventListener("click", () => step("calls", async () => {
  const { calls } = await ask("webhooks");
  const rows = calls.map((call) => [time(call.received_at), call.organisation, `第 ${call.cursor} 条`, time(call.told_at)]);
  const heads = ["收到时间", "机构", "成绩条目", "条目时间"];
  show("calls", element("h2", "新成绩通知"), rows.length ? table(heads, rows) : note("本次启动后还没有收到通知。"));
}));

tabs.company.click();
