/** The rules of an exam as sentences. */
import type { Schemas } from "@/api/client";
import { texts } from "#texts/common";
import { questionTexts } from "#texts/exam";
import { detailTexts, rulesTexts } from "#texts/exam-detail";

type Detail = Schemas["ExamDetail"];

export function sentences({ exam, rules, sections }: Detail): string[] {
  const t = rulesTexts;
  if (exam.kind === "practice") return practiceSentences(rules);
  return [
    t.waiting(rules.waiting_opens_min),
    t.entry(rules.entry_closes_min),
    t.closing,
    t.chances(rules.verification_chances),
    ...(rules.face_reference === "roster" ? [t.byRoster] : []),
    ...(rules.liveness === "head_turn" ? [t.headTurn] : []),
    t.switches(rules.switch_limit),
    t.fullscreen(rules.fullscreen_grace_s),
    ...(rules.page_loss_counts ? [t.pageLoss] : []),
    t.snapshots(rules.several_limit),
    t.camera,
    t.network(rules.recommended_down_mbps, rules.recommended_up_mbps),
    ...scoring(rules, new Set(sections.map((section) => section.type))),
  ];
}

/** What a practice exam (试考) tries. Nothing in it counts. */
function practiceSentences(rules: Schemas["Rules"]): string[] {
  const t = rulesTexts;
  return [
    ...t.practice,
    ...(rules.liveness === "head_turn" ? [t.headTurn] : []),
    t.network(rules.recommended_down_mbps, rules.recommended_up_mbps),
  ];
}

/** How answers earn points that can be partly right. A material may have questions of any type. */
function scoring(rules: Schemas["Rules"], types: Set<Schemas["SectionType"]>): string[] {
  const t = rulesTexts;
  const names = (["multiple", "indefinite"] as const)
    .filter((type) => types.has(type) || types.has("material"))
    .map((type) => questionTexts[type]);
  const hasBlanks = types.has("blank") || types.has("material");
  return [
    ...(names.length
      ? [t.several(names.join(texts.common.listSeparator), t.multipleRules[rules.multiple_rule])]
      : []),
    ...(hasBlanks ? [t.blankRules[rules.blank_rule], t.blankAnswers] : []),
  ];
}

/** Points of the whole paper. */
export function fullPoints({ sections }: Detail): number {
  const hundredths = sections.reduce((sum, section) => sum + Math.round(section.total * 100), 0);
  return hundredths / 100;
}

/** A section of the paper in words. */
export function sectionSentence(
  section: Schemas["SectionView"],
  kind: Schemas["ExamKind"] = "exam",
): string {
  const { title, type, count, questions, points, total } = section;
  if (kind === "practice") return detailTexts.unscored(title, questions);
  const isEven = Math.abs(questions * points - total) < 0.005;
  const worth = isEven ? detailTexts.each(points) : detailTexts.together(total);
  if (type === "material") return detailTexts.materials(title, count, questions, worth);
  return detailTexts.section(title, questions, worth);
}
