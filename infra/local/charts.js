// Draws the dashboard's alarms and line charts from the launcher's figures, as CloudWatch shows them.

const COLOURS = ["#2a78d6", "#e07b00", "#2a9d4a", "#c8372d", "#8a5cd1", "#7a6a58"];
const STATES = { alarm: "告警中", no_data: "数据不足", ok: "正常", not_measured: "本机不测" };
const HEIGHT = 128;
const LEFT = 40;
const RIGHT = 34;
const TOP = 8;
const BOTTOM = 20;
const HOUR = 3_600_000;

function svg(tag, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

function html(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

const clock = (ms) => new Date(ms).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hour12: false });
const figure = (value) => String(Math.round(value * 100) / 100);

/** The smallest of 1, 2, 5, 10, 20, 50, … that is not below `value`. */
function niceMost(value) {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return [1, 2, 5, 10].map((step) => step * power).find((most) => most >= value) || 1;
}

/** A chart of `{start, end, most, lines}` with one or two axes from 0. `place`: the element that it has to fit. */
export function lineChart({ start, end, most, lines }, place) {
  const chart = html("div", "chart");
  const width = Math.max(220, place.clientWidth - 20);
  const picture = svg("svg", { width, height: HEIGHT, role: "img", "aria-label": spoken(lines) });
  const x = (ms) => LEFT + ((ms - start) / (end - start)) * (width - LEFT - RIGHT);
  picture.append(...timeTicks(start, end, x));
  const tops = { left: most ?? topOf(lines, "left"), right: topOf(lines, "right") };
  for (const axis of ["left", "right"]) {
    if (lines.some((line) => line.axis === axis && line.points.length)) picture.append(...valueTicks(axis, tops[axis], width));
  }
  for (const [place, line] of lines.entries()) {
    const y = (value) => HEIGHT - BOTTOM - (value / tops[line.axis]) * (HEIGHT - TOP - BOTTOM);
    picture.append(...drawnLine(line, COLOURS[place % COLOURS.length], x, y));
  }
  if (!lines.some((line) => line.points.length)) {
    picture.append(svg("text", { x: width / 2, y: HEIGHT / 2, "text-anchor": "middle" }, "近 3 小时没有数据"));
  }
  chart.append(picture, legend(lines));
  return chart;
}

function topOf(lines, axis) {
  const values = lines.filter((line) => line.axis === axis).flatMap((line) => line.points.map(([, value]) => value));
  return niceMost(Math.max(0, ...values));
}

function timeTicks(start, end, x) {
  const ticks = [svg("line", { class: "axis", x1: x(start), x2: x(end), y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM })];
  for (let hour = Math.ceil(start / HOUR) * HOUR; hour <= end; hour += HOUR) {
    ticks.push(svg("line", { class: "grid", x1: x(hour), x2: x(hour), y1: TOP, y2: HEIGHT - BOTTOM }));
    ticks.push(svg("text", { x: x(hour), y: HEIGHT - 6, "text-anchor": "middle" }, clock(hour)));
  }
  return ticks;
}

function valueTicks(axis, top, width) {
  const [x, anchor] = axis === "left" ? [LEFT - 5, "end"] : [width - RIGHT + 5, "start"];
  return [0, top / 2, top].map((value) => {
    const y = HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
    return svg("text", { x, y: y + 4, "text-anchor": anchor }, figure(value));
  });
}

/** Neighbouring periods are joined; a gap stays a gap. Each point tells its value when pointed at. */
function drawnLine({ label, period_ms, points }, colour, x, y) {
  let path = "";
  let before = -Infinity;
  for (const [ms, value] of points) {
    path += `${ms - before > period_ms ? "M" : "L"}${x(ms).toFixed(1)} ${y(value).toFixed(1)}`;
    before = ms;
  }
  const dots = points.map(([ms, value]) => {
    const dot = svg("circle", { cx: x(ms), cy: y(value), r: 2, fill: colour });
    dot.append(svg("title", {}, `${label} ${figure(value)}，${clock(ms)}`));
    return dot;
  });
  return [svg("path", { d: path, fill: "none", stroke: colour, "stroke-width": 1.5 }), ...dots];
}

function legend(lines) {
  const list = html("div", "legend");
  for (const [place, { label, axis, measured, points }] of lines.entries()) {
    const newest = measured ? (points.length ? figure(points.at(-1)[1]) : "–") : "本机不测";
    const entry = html("span", "", `${axis === "right" ? onTheRight(label) : label} ${newest}`);
    entry.style.setProperty("--colour", COLOURS[place % COLOURS.length]);
    list.append(entry);
  }
  return list;
}

/** The label with a word about its axis: in the brackets that it ends with, or in brackets of its own. */
function onTheRight(label) {
  return label.endsWith("）") ? `${label.slice(0, -1)}，右轴）` : `${label}（右轴）`;
}

function spoken(lines) {
  return lines.map(({ label, points }) => `${label}：${points.length ? figure(points.at(-1)[1]) : "没有数据"}`).join("；");
}

/** A box for each alarm with its state. A press calls `explain` with the lines that tell more. */
export function alarmBoxes(alarms, explain) {
  const boxes = html("div", "alarms");
  for (const alarm of alarms) {
    const box = html("button", "", `${alarm.name} · ${STATES[alarm.state]}`);
    box.type = "button";
    box.dataset.state = alarm.state;
    box.title = alarm.text;
    box.addEventListener("click", () => explain(explanation(alarm)));
    boxes.append(box);
  }
  return boxes;
}

function explanation({ name, text, state, condition, of, period_s, needed, values }) {
  const told = values.map((value) => (value === null ? "无" : figure(value))).join("、");
  const why = `${of.join("，")} ${condition}；每 ${period_s} 秒一个周期，${needed.replace("/", " 个达到即告警，共看 ")} 个周期`;
  return [`${name}：${STATES[state]}`, text, `条件：${why}`, state === "not_measured" ? "这项指标由 AWS 产生，本机没有。" : `最近的值（新的在前）：${told}`];
}
