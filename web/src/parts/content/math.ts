/**
 * Formulas as MathML. Browsers before Chromium 109 do not lay MathML out: "½" would be read as "12". They get
 * spans instead, which the style sheet of `ContentView` lays out.
 */
import { h, type VNode } from "vue";
import { language } from "@/lib/language";
import { mathInWords } from "@/parts/content/math-speech";
import type { Formula, MathElement } from "@/parts/content/content";

/** Presentation MathML. An element with another name becomes an `mrow`, so that its content is still shown. */
const ELEMENTS = new Set(
  (
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mmultiscripts " +
    "none mprescripts mtable mtr mtd mstyle mpadded mphantom menclose"
  ).split(" "),
);

/** No attribute that runs anything or leads anywhere. */
const ATTRIBUTES = new Set(
  (
    "accent accentunder columnalign columnlines columnspacing columnspan depth display displaystyle fence form frame " +
    "height largeop linethickness lspace mathvariant maxsize minsize movablelimits notation rowalign rowlines " +
    "rowspacing rowspan rspace scriptlevel separator stretchy symmetric voffset width"
  ).split(" "),
);

/** Whether this browser lays MathML out. */
export function hasMath(view: object = window): boolean {
  return "MathMLElement" in view;
}

/** A formula as an element, named in words: a screen reader would read the signs of ½ as "1 2". */
export function mathNode(formula: Formula, native = hasMath()): VNode {
  const words = mathInWords(formula.math);
  // A Chinese voice reads names of quantities and a few English words; an English one reads no Chinese.
  const lang = /[\u3400-\u9fff]/.test(words) ? "zh-CN" : language.tag;
  if (native) {
    const { attributes, children } = formula.math;
    const root = { name: "math", attributes: { ...attributes, display: "inline" }, children };
    return nativeNode(root, { "^alttext": formula.latex, "aria-label": words, lang });
  }
  const named = { role: "img", "aria-label": words, lang, class: "math" };
  return h("span", named, formula.math.children.map(spanNode));
}

function nativeNode(element: MathElement, named: Record<string, string> = {}): VNode {
  const attributes = Object.entries(element.attributes).filter(([name]) => ATTRIBUTES.has(name));
  const forced = Object.fromEntries(attributes.map(([name, value]) => [`^${name}`, value]));
  const children = element.children.map((child) =>
    typeof child === "string" ? child : nativeNode(child),
  );
  return h(nameOf(element), { ...forced, ...named }, children);
}

function spanNode(element: MathElement | string): VNode | string {
  if (typeof element === "string") return element;
  const { attributes, children } = element;
  const name = nameOf(element);
  const upright = name === "mi" && (attributes["mathvariant"] === "normal" || isLong(children[0]));
  const fence = attributes["fence"] === "true" || attributes["form"] === "prefix";
  const kinds = { [`m-${name}`]: true, "m-upright": upright, "m-fence": fence };
  return h("span", { class: kinds }, children.map(spanNode));
}

function nameOf({ name }: MathElement): string {
  return ELEMENTS.has(name) ? name : "mrow";
}

function isLong(child: MathElement | string | undefined): boolean {
  return typeof child === "string" && [...child].length > 1;
}
