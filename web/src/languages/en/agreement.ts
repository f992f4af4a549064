/** All that a person reads here, in English. */
import type { Shape } from "@/languages/shape";
import { titles } from "./titles";
import type { agreementTexts as zh } from "../zh/agreement";

export const agreementTexts: Shape<typeof zh> = { title: titles.agreement };
