/** The rules of an exam as sentences. */
import type { Schemas } from "@/api/client";
import { rulesTexts } from "@/screens/exam-detail/texts";

type Detail = Schemas["ExamDetail"];

export function sentences({ rules, sections }: Detail): string[] {
  const t = rulesTexts;
  const multiple = sections.some((section) => section.type === "multiple");
  const whole = rules.multiple_rule === "all_or_nothing" ? t.multipleAll : t.multipleHalf;
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
    ...(multiple ? [whole] : []),
  ];
}

/** Points of the whole paper. */
export function fullPoints({ sections }: Detail): number {
  return sections.reduce((sum, section) => sum + section.count * section.points, 0);
}
