/** The form of 身份信息 while it is being filled in. */
import { ApiError, type Schemas } from "@/api/client";
import { plainNumber } from "@/lib/typed-numbers";
import { MOST, tooLong } from "@/lib/limits";
import { identityTexts } from "#texts/identity";

type Profile = Schemas["Profile"];
export type Draft = {
  name: string;
  id_type: Schemas["IdType"] | "";
  id_number: string;
  role: Schemas["AudienceRole"] | null;
  organisation: string;
  region: string;
};
export type Problems = Record<keyof Draft | "id_photo", string>;

export function draftOf(profile: Profile): Draft {
  return {
    name: profile.name ?? "",
    id_type: profile.id_type ?? "",
    id_number: "",
    role: profile.role ?? null,
    organisation: profile.organisation ?? "",
    region: profile.region ?? "",
  };
}

export function noProblems(): Problems {
  return {
    id_photo: "",
    name: "",
    id_type: "",
    id_number: "",
    role: "",
    organisation: "",
    region: "",
  };
}

/** Returns what is wrong with the fields that are empty or too long. `number`: whether an ID number has to be typed. */
export function whatIsWrong(draft: Draft, number: boolean): Problems {
  const t = identityTexts;
  return {
    id_photo: "",
    name: tooLong(draft.name, MOST.name) || (draft.name.trim() ? "" : t.needName),
    id_type: draft.id_type ? "" : t.needIdType,
    id_number: !number || plainNumber(draft.id_number) ? "" : t.needIdNumber,
    role: draft.role ? "" : t.needRole,
    organisation:
      tooLong(draft.organisation, MOST.organisation) ||
      (draft.organisation.trim() ? "" : t.needOrganisation),
    region: tooLong(draft.region, MOST.region) || (draft.region.trim() ? "" : t.needRegion),
  };
}

/** The field that a refusal of the server is about, or null. */
export function fieldOf(error: unknown): keyof Draft | null {
  if (!(error instanceof ApiError)) return null;
  if (error.code === "name_invalid") return "name";
  if (error.code.startsWith("id_number_")) return "id_number";
  const field = error.details["field"];
  return field === "organisation" || field === "region" ? field : null;
}

/** Returns the request body. It has a number only when one was typed; without it, the stored one stays. */
export function requestOf(draft: Draft, number: boolean): Schemas["ProfileRequest"] | null {
  const { id_type, role, id_number, ...rest } = draft;
  if (!id_type || !role) return null;
  return { ...rest, id_type, role, id_number: number ? plainNumber(id_number) : null };
}
