// One question at a time, with a list, a search and filters. Without this script all questions stand one below the other.
"use strict";

const $ = (selector) => document.querySelector(selector);
const entries = document.querySelectorAll("#list a"); // in the order of the questions
const questions = [...document.querySelectorAll("article")].map((element, index) => ({
  element,
  address: `#${element.id}`,
  entry: entries[index],
  material: element.dataset.material ? document.getElementById(element.dataset.material) : null,
  text: normal(element.textContent),
}));
const search = $("#search");
const files = $("#file");
const chips = [...document.querySelectorAll(".chips button")];
const main = $("main");
const [back, place, forward] = turn();
let kind = "";
let shown = questions;
let current = null;

/** A text as it is compared: width and case make no difference, spaces neither. */
function normal(text) {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");
}

/** The buttons below the question; their words stand on the page's own element. */
function turn() {
  const bar = document.createElement("div");
  const words = $(".columns").dataset;
  const [before, after] = [words.previous, words.next].map((text) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    return button;
  });
  const where = document.createElement("p");
  where.setAttribute("aria-live", "polite");
  bar.className = "turn";
  bar.append(before, where, after);
  $(".columns").append(bar);
  return [before, where, after];
}

function fits({ element, text }) {
  const { type, file, remarked } = element.dataset;
  const wanted = !kind || (kind === "remarked" ? remarked !== undefined : type === kind);
  return wanted && (!files || !files.value || file === files.value) && text.includes(normal(search.value));
}

function filter() {
  shown = questions.filter(fits);
  const fitting = new Set(shown);
  for (const question of questions) question.entry.parentElement.hidden = !fitting.has(question);
  for (const chip of chips) chip.setAttribute("aria-pressed", String(chip.dataset.kind === kind));
  $(".empty").hidden = shown.length > 0;
  show(fitting.has(current) ? current : shown[0]);
}

function show(question) {
  for (const part of [current?.element, current?.material]) part?.classList.remove("now");
  current?.entry.removeAttribute("aria-current");
  current = question ?? null;
  for (const part of [current?.element, current?.material]) part?.classList.add("now");
  const at = shown.indexOf(current);
  back.disabled = at <= 0;
  forward.disabled = at < 0 || at === shown.length - 1;
  place.textContent = `${at + 1} / ${shown.length}`;
  if (!current) return;
  current.entry.setAttribute("aria-current", "true");
  current.entry.scrollIntoView({ block: "nearest" });
  main.scrollTo({ top: 0 });
  history.replaceState(null, "", current.address);
}

function step(by) {
  const next = shown[shown.indexOf(current) + by];
  if (next) show(next);
}

/** The question that the address names. */
function named() {
  return questions.find(({ address }) => address === location.hash);
}

search.addEventListener("input", filter);
files?.addEventListener("change", filter);
for (const chip of chips) {
  chip.addEventListener("click", () => {
    kind = chip.dataset.kind;
    filter();
  });
}
back.addEventListener("click", () => step(-1));
forward.addEventListener("click", () => step(1));
for (const question of questions) {
  question.entry.addEventListener("click", (event) => {
    event.preventDefault();
    show(question);
  });
}
addEventListener("hashchange", () => show(named() ?? current));
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target === search || event.target === files;
  if (event.key === "/" && !typing) search.focus();
  else if (event.key === "Escape" && event.target === search) {
    search.value = "";
    filter();
    search.blur();
  } else if (event.key === "ArrowLeft" && !typing) step(-1);
  else if (event.key === "ArrowRight" && !typing) step(1);
  else if (event.key === "ArrowUp" && event.target === search) step(-1);
  else if ((event.key === "ArrowDown" || event.key === "Enter") && event.target === search) step(1);
  else return;
  event.preventDefault();
});

// Without its id the browser does not scroll to a question, past its material.
for (const { element } of questions) element.removeAttribute("id");
document.documentElement.classList.add("single");
current = named() ?? null;
filter();
