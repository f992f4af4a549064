/** Formulas in words, for people who hear them: "1/2" must not be heard as "1 2". */
import type { MathElement } from "@/parts/content/content";
import { mathSpeech } from "#texts/math-speech";

type Node = MathElement | string;

const t = mathSpeech;
const SIGNS: Record<string, string> = t.signs;

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
      return closed(t.root, node.children);
    case "mroot":
      return closed(t.nthRoot(speak(second)), [first]);
    case "msup":
      return `${speak(first)} ${closed(t.superscript, [second])}`;
    case "msub":
      return `${speak(first)} ${closed(t.subscript, [second])}`;
    case "msubsup":
      return `${speak(first)} ${closed(t.subscript, [second])} ${closed(t.superscript, [third])}`;
    case "munder":
      return `${speak(first)} ${closed(t.below, [second])}`;
    case "mover":
      return `${speak(first)} ${closed(t.above, [second])}`;
    case "munderover":
      return `${speak(first)} ${closed(t.below, [second])} ${closed(t.above, [third])}`;
    case "mtr":
      return t.row(node.children.map(speak));
    default:
      return spoken(node.children);
  }
}

function fraction(above: Node, below: Node): string {
  if (isShort([above]) && isShort([below])) return t.fraction(speak(above), speak(below));
  return t.longFraction(speak(above), speak(below));
}

function closed(word: string, nodes: readonly Node[]): string {
  return isShort(nodes) ? `${word} ${spoken(nodes)}` : `${word} ${spoken(nodes)} ${t.end(word)}`;
}

/** Whether this is a single number, letter or sign. */
function isShort(nodes: readonly Node[]): boolean {
  const [only] = nodes;
  if (nodes.length !== 1 || only === undefined) return false;
  if (typeof only === "string") return true;
  const simple = ["mi", "mn", "mo", "mtext", "mrow", "mstyle"];
  return simple.includes(only.name) && isShort(only.children);
}
