// CloudWatch's part of a dashboard of custom widgets, as far as its documentation tells it:
// - a widget's function is called with its parameters and a widgetContext; it answers with HTML, Markdown or JSON;
// - scripts, frames and the like are taken out of the HTML before it is shown;
// - <cwdb-action> gives the element before it a click: show HTML, or call a function, after a question if one is
//   given, in a popup or in the widget itself; the fields of the widget's forms go along as forms.all;
// - the buttons of the dashboard refresh those widgets that want it (updateOn.refresh) and change the theme.

import { alarmBoxes, lineChart } from "/_local/console/charts";

const FORBIDDEN = "script, iframe, frame, object, embed, applet, use, link, meta, base, portal, template, noscript";
const ADDRESSES = ["href", "src", "action", "formaction", "xlink:href", "poster", "background"];
const dashboard = document.querySelector("#dashboard");
const widgets = [];

/** The body of a document that nothing runs in, without what the console takes out. */
function sanitised(html) {
  const body = new DOMParser().parseFromString(html, "text/html");
  for (const element of body.querySelectorAll(FORBIDDEN)) element.remove();
  for (const element of body.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      const address = ADDRESSES.includes(name) && !(name === "action" && element.tagName === "CWDB-ACTION");
      if (name.startsWith("on") || name === "srcdoc" || (address && !harmless(element, name, value))) {
        element.removeAttribute(name);
      }
    }
  }
  const found = document.createDocumentFragment();
  // A style at the beginning lands in the head of a parsed document.
  found.append(...body.head.childNodes, ...body.body.childNodes);
  return found;
}

function harmless(element, name, value) {
  const address = value.replace(/[\u0000-\u0020]/g, "").toLowerCase();
  if (name === "src" && element.tagName === "IMG") return /^(data:image\/(jpeg|png|gif|webp);|https:)/.test(address);
  return /^(https?:|#)/.test(address);
}

class Widget {
  constructor(entry, number) {
    this.properties = entry.properties;
    this.number = number;
    const section = document.createElement("section");
    section.style.gridColumn = `${entry.x + 1} / span ${entry.width}`;
    section.style.gridRow = `${entry.y + 1} / span ${entry.height}`;
    section.style.minHeight = `${entry.height * 30}px`;
    section.style.maxHeight = `${entry.height * 60}px`;
    section.setAttribute("aria-label", entry.properties.title ?? "");
    const title = document.createElement("h2");
    title.textContent = entry.properties.title ?? "";
    this.content = document.createElement("div");
    this.content.className = "content";
    section.append(title, this.content);
    dashboard.append(section);
    this.content.replaceChildren(skeleton());
    this.content.setAttribute("aria-busy", "true");
  }

  /** Ask the widget's own function, with the parameters of the dashboard. */
  async load() {
    await this.ask(this.properties.endpoint, this.properties.params ?? {}, this.content);
  }

  context() {
    const offset = -new Date().getTimezoneOffset();
    const end = Date.now();
    return {
      dashboardName: "Kaochang-Home-local",
      widgetId: `widget-${this.number}`,
      accountId: "000000000000",
      locale: "zh-CN",
      timezone: { label: "Local", offsetISO: "+08:00", offsetInMinutes: offset },
      period: 300,
      isAutoPeriod: true,
      timeRange: { mode: "relative", start: end - 10_800_000, end, relativeStart: 10_800_000 },
      theme: document.documentElement.dataset.theme,
      linkCharts: true,
      title: this.properties.title ?? "",
      forms: { all: this.fields() },
      params: this.properties.params ?? {},
      width: this.content.clientWidth,
      height: this.content.clientHeight,
    };
  }

  /** What stands in the fields of all forms of the widget, and of its popup. */
  fields() {
    const found = {};
    for (const place of [this.content, ...document.querySelectorAll(`dialog[data-of="${this.number}"]`)]) {
      for (const form of place.querySelectorAll("form")) {
        for (const [name, value] of new FormData(form)) if (typeof value === "string") found[name] = value;
      }
    }
    return found;
  }

  async ask(endpoint, parameters, place) {
    place.setAttribute("aria-busy", "true");
    const event = { ...parameters, widgetContext: this.context() };
    try {
      const answer = await fetch("/_local/console/calls", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ endpoint, event }),
      });
      const told = await answer.json();
      if (told.ok) this.show(told.result, place);
      else this.note(`函数出错：${JSON.stringify(told.error?.errorMessage ?? told.error?.message ?? "")}`, place);
    } catch {
      this.note("函数没有回答", place);
    }
    place.removeAttribute("aria-busy");
  }

  note(text, place) {
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = text;
    place.replaceChildren(note);
  }

  show(result, place) {
    if (typeof result !== "string") return this.note(result?.markdown ?? JSON.stringify(result, null, 2), place);
    place.replaceChildren(sanitised(result));
    this.wire(place);
  }

  wire(place) {
    for (const form of place.querySelectorAll("form")) form.addEventListener("submit", (event) => event.preventDefault());
    for (const action of place.querySelectorAll("cwdb-action")) {
      const event = action.getAttribute("event") ?? "click";
      action.previousElementSibling?.addEventListener(event, () => this.act(action, place));
    }
  }

  async act(action, place) {
    const question = action.getAttribute("confirmation");
    if (question && !(await confirmed(question))) return;
    const target = action.getAttribute("display") === "popup" ? popup(this.number) : place;
    if (action.getAttribute("action") === "call") {
      const parameters = JSON.parse(action.textContent.trim() || "{}");
      await this.ask(action.getAttribute("endpoint"), parameters, target);
    } else {
      target.replaceChildren(sanitised(action.innerHTML));
    }
  }
}

function dialogWith(...content) {
  const dialog = document.createElement("dialog");
  dialog.append(...content);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

function pressed(text, then) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", then);
  return button;
}

function menu(...buttons) {
  const list = document.createElement("menu");
  list.append(...buttons);
  return list;
}

function confirmed(question) {
  return new Promise((answer) => {
    const text = document.createElement("p");
    text.textContent = question;
    let yes = false;
    const end = (value) => () => { yes = value; dialog.close(); };
    const dialog = dialogWith(text, menu(pressed("取消", end(false)), pressed("确定", end(true))));
    dialog.addEventListener("close", () => answer(yes));
  });
}

function popup(number) {
  const content = document.createElement("div");
  const dialog = dialogWith(content, menu(pressed("关闭", () => dialog.close())));
  dialog.dataset.of = number;
  return content;
}

/** Grey bars where a widget will be, until its function has answered. */
function skeleton() {
  const bars = document.createElement("div");
  bars.className = "skeleton";
  bars.setAttribute("aria-label", "正在读取");
  bars.append(...["40%", "90%", "75%"].map((width) => Object.assign(document.createElement("i"), { style: `width:${width}` })));
  return bars;
}

/** CloudWatch's own widgets: the place of each in the dashboard, for which the launcher has figures. */
const drawn = new Map();

async function draw() {
  if (!drawn.size) return;
  try {
    const { figures } = await (await fetch("/_local/console/figures")).json();
    for (const [place, widget] of drawn) {
      const { alarms, ...chart } = figures[place];
      widget.content.removeAttribute("aria-busy");
      widget.content.replaceChildren(alarms ? alarmBoxes(alarms, explain) : lineChart(chart, widget.content));
    }
  } catch {
    for (const widget of drawn.values()) widget.note("读不到指标", widget.content);
  }
}

function explain(lines) {
  const texts = lines.map((line) => Object.assign(document.createElement("p"), { textContent: line }));
  const dialog = dialogWith(...texts, menu(pressed("关闭", () => dialog.close())));
}

async function open() {
  const { widgets: listed } = await (await fetch("/_local/console/widgets")).json();
  for (const [number, entry] of listed.entries()) {
    const widget = new Widget(entry, number);
    if (entry.type === "custom") widgets.push(widget);
    else drawn.set(number, widget);
  }
  await refresh(() => true);
}

async function refresh(wanted) {
  await Promise.all([draw(), ...widgets.filter(wanted).map((widget) => widget.load())]);
}

/** The launcher's own: on AWS each operator's phone shows it. */
async function showCodes() {
  const { operators } = await (await fetch("/_local/operators")).json();
  const told = operators.map(({ name, code }) => `${name} ${code}`);
  if (told.length) told.push(`${operators[0].seconds_left} 秒`);
  document.querySelector("#codes").textContent = told.join(" · ");
}

const byDashboard = (widget) => widget.properties.updateOn?.refresh !== false;
document.querySelector("#refresh").addEventListener("click", () => refresh(byDashboard));
document.querySelector("#theme").addEventListener("click", (event) => {
  const dark = document.documentElement.dataset.theme === "dark";
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  event.target.textContent = dark ? "深色" : "浅色";
  refresh(() => true);
});
let timer;
document.querySelector("#every").addEventListener("change", (event) => {
  clearInterval(timer);
  const seconds = Number(event.target.value);
  if (seconds) timer = setInterval(() => refresh(byDashboard), seconds * 1000);
});
open();
showCodes();
setInterval(showCodes, 2000);
