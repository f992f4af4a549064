/** Formulas in words, for people who hear them: "1/2" must not be heard as "1 2". */
import type { MathElement } from "@/parts/content/content";

type Node = MathElement | string;

const SIGNS: Record<string, string> = {
  "+": "加",
  "-": "减",
  "−": "减",
  "±": "正负",
  "×": "乘",
  "⋅": "乘",
  "÷": "除以",
  "/": "除以",
  "=": "等于",
  "≠": "不等于",
  "≈": "约等于",
  "<": "小于",
  ">": "大于",
  "≤": "小于等于",
  "⩽": "小于等于",
  "≥": "大于等于",
  "⩾": "大于等于",
  "∑": "求和",
  "∏": "求积",
  "∫": "积分",
  "∞": "无穷",
  "→": "趋于",
  "(": "左括号",
  ")": "右括号",
  "%": "百分号",
};

/** A formula as a sentence. Long parts say where they end. */
export function mathInWords({ children }: MathElement): string {
  return spoken(children);
}

function spoken(nodes: readonly Node[]): string {
  return nodes.map(speak).filter(Boolean).join(" ");
}

function speak(node: Node): string {
  if (typeof node === "string") return SIGNS[node.trim()] ?? node.trim();
  const [first = "", second = "", third = ""] = node.children;
  switch (node.name) {
    case "mfrac":
      return fraction(first, second);
    case "msqrt":
      return closed("根号", node.children);
    case "mroot":
      return closed(`${speak(second)} 次根号`, [first]);
    case "msup":
      return `${speak(first)} ${closed("上标", [second])}`;
    case "msub":
      return `${speak(first)} ${closed("下标", [second])}`;
    case "msubsup":
      return `${speak(first)} ${closed("下标", [second])} ${closed("上标", [third])}`;
    case "munder":
      return `${speak(first)} ${closed("下方", [second])}`;
    case "mover":
      return `${speak(first)} ${closed("上方", [second])}`;
    case "munderover":
      return `${speak(first)} ${closed("下方", [second])} ${closed("上方", [third])}`;
    case "mtr":
      return `一行：${node.children.map(speak).join("，")}；`;
    default:
      return spoken(node.children);
  }
}

function fraction(above: Node, below: Node): string {
  if (isShort([above]) && isShort([below])) return `${speak(below)} 分之 ${speak(above)}`;
  return `分数，分子 ${speak(above)}，分母 ${speak(below)}，分数结束`;
}

function closed(word: string, nodes: readonly Node[]): string {
  return isShort(nodes) ? `${word} ${spoken(nodes)}` : `${word} ${spoken(nodes)} ${word}结束`;
}

/** Whether this is a single number, letter or sign. */
function isShort(nodes: readonly Node[]): boolean {
  const [only] = nodes;
  if (nodes.length !== 1 || only === undefined) return false;
  if (typeof only === "string") return true;
  const simple = ["mi", "mn", "mo", "mtext", "mrow", "mstyle"];
  return simple.includes(only.name) && isShort(only.children);
}
