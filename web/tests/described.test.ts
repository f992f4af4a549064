// @vitest-environment happy-dom
/** A field tells a screen reader what stands beside it: its mark, its hint, and what is wrong with it. */
import { createApp, h, nextTick, type App, type Component } from "vue";
import { afterEach, describe, expect, it } from "vitest";
import Field from "@/parts/Field.vue";
import PictureField from "@/parts/PictureField.vue";
import RegionField from "@/parts/RegionField.vue";
import BlankField from "@/screens/exam/BlankField.vue";
import { MOST_CHARACTERS } from "@/lib/answers";

let app: App | null = null;
let root: HTMLElement;

afterEach(() => {
  app?.unmount();
  root.remove();
});

async function open(component: Component, props: Record<string, unknown>): Promise<void> {
  root = document.createElement("div");
  document.body.append(root);
  const input = ({ control }: { control: object }) => h("input", control);
  app = createApp({ render: () => h(component, props, { default: input }) });
  app.mount(root);
  await nextTick();
}

function textsOf(element: Element, attribute: string): string[] {
  const ids = (element.getAttribute(attribute) ?? "").split(" ").filter(Boolean);
  return ids.map((id) => document.getElementById(id)?.textContent?.trim() ?? `nothing is ${id}`);
}

function described(selector: string): string[] {
  return textsOf(root.querySelector(selector) as Element, "aria-describedby");
}

describe("a field", () => {
  it.each([
    [{}, []],
    [{ hint: "与证件一致" }, ["与证件一致"]],
    [{ mark: "待完善" }, ["待完善"]],
    [{ mark: "待完善", hint: "与证件一致" }, ["待完善", "与证件一致"]],
    [{ mark: "待完善", hint: "与证件一致", error: "请填写" }, ["待完善", "请填写"]],
  ])("%o", async (props, said) => {
    await open(Field, { label: "真实姓名", ...props });
    expect(described("input")).toEqual(said);
  });

  it("of a region: its group says what is wrong", async () => {
    await open(RegionField, { modelValue: "", error: "请选择所属地区" });
    expect(described("fieldset")).toEqual(["请选择所属地区"]);
  });

  it.each([
    [MOST_CHARACTERS, 0],
    [MOST_CHARACTERS + 1, 1],
  ])("of a blank: %i characters", async (length, errors) => {
    await open(BlankField, { number: 1, several: false, text: "字".repeat(length) });
    expect(described("input")).toHaveLength(errors);
  });
});

describe("a field for a picture", () => {
  const props = { label: "图片 2", hint: "JPG 或 PNG", mark: "选填" };

  it("says that it is optional, and what fits", async () => {
    await open(PictureField, { ...props, modelValue: null });
    expect(described("button")).toEqual(["选填", "JPG 或 PNG"]);
  });

  it("says why a file was not taken", async () => {
    await open(PictureField, { ...props, modelValue: null });
    const input = root.querySelector("input[type=file]") as HTMLInputElement;
    const file = new File(["x"], "notes.txt", { type: "text/plain" });
    Object.defineProperty(input, "files", { value: [file] });
    input.dispatchEvent(new Event("change"));
    await nextTick();
    expect(described("button")).toHaveLength(3);
    expect(described("button")[1]).toBe(root.querySelector("[role=alert]")?.textContent);
  });

  it("names the picture that its button takes away", async () => {
    await open(PictureField, { ...props, modelValue: new File(["x"], "seat.png") });
    const remove = [...root.querySelectorAll("button")].pop() as Element;
    expect(textsOf(remove, "aria-labelledby")).toEqual([remove.textContent?.trim(), "图片 2"]);
  });
});
