/** Calls of the API: typed by the OpenAPI document, with errors in one form. */
import createClient from "openapi-fetch";
import type { components, paths } from "@/api/schema";
import { language } from "@/lib/language";
import { texts } from "#texts/common";

export type Schemas = components["schemas"];

const TIMEOUT_MS = 15_000;
const DOWNLOAD_TIMEOUT_MS = 120_000; // 2 MB at 128 kbit/s
const SLOWEST_BYTES_PER_MS = 16; // 128 kbit/s: a slower upload times out

/** A refusal of the server, or `offline` when it could not be reached. `message` is for the person. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
    readonly retryAfterS: number | null = null,
    readonly ourFault = false,
  ) {
    super(message);
  }

  /** Whether the same call may succeed by itself a little later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500 || this.ourFault;
  }
}

async function reach(request: Request, timeoutMs = TIMEOUT_MS): Promise<Response> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), timeoutMs);
  try {
    return await fetch(request, { signal: patience.signal });
  } catch {
    throw new ApiError(0, "offline", texts.common.offline);
  } finally {
    clearTimeout(timer);
  }
}

/** Typed calls, such as `api.GET("/exams/{exam_id}", { params: { path: { exam_id } } })`. */
export const api = createClient<paths>({
  baseUrl: "/api",
  headers: { "Accept-Language": language.tag }, // of the sentences in its answers
  fetch: (request) => reach(request),
});

type Answer = { data?: unknown; error?: unknown; response: Response };

/** The content of an answer. Throws `ApiError`. */
export async function content<A extends Answer>(call: Promise<A>): Promise<NonNullable<A["data"]>> {
  const { data, error, response } = await call;
  if (response.ok && data !== undefined) return data as NonNullable<A["data"]>;
  throw refusal(response, error);
}

function refusal(response: Response, body: unknown): ApiError {
  const told = (body as Partial<Schemas["Error"]> | undefined)?.error;
  const wait = Number(response.headers.get("Retry-After"));
  return new ApiError(
    response.status,
    told?.code ?? "service_busy",
    sentenceOf(response, told?.message),
    (told?.details as Record<string, unknown> | undefined) ?? {},
    wait > 0 ? wait : null,
    told === undefined || told.our_fault === true, // not our API's answer: a proxy or network in between refused
  );
}

/**
 * Returns the server's sentence. What has refused before the application was reached, such as the gateway, cannot choose
 * a language and names none: it speaks Chinese, and other pages say by the status what to do.
 */
function sentenceOf(response: Response, message: string | undefined): string {
  const spoken = response.headers.get("Content-Language") ?? "zh-CN";
  if (message !== undefined && spoken === language.tag) return message;
  const busy = message === undefined || response.status === 429 || response.status >= 500;
  return busy ? texts.common.serverDown : texts.common.unexpected;
}

/** Returns the sentence for a person about any failure. */
export function messageOf(error: unknown): string {
  return error instanceof ApiError ? error.message : texts.common.unexpected;
}

/** Fetches a file by a link to the store. Throws `ApiError`. */
export async function download(url: string): Promise<ArrayBuffer> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), DOWNLOAD_TIMEOUT_MS);
  try {
    const response = await fetch(url, { credentials: "omit", signal: patience.signal });
    if (response.ok) return await response.arrayBuffer();
    throw new ApiError(response.status, "download_refused", texts.common.serverDown);
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError(0, "offline", texts.common.offline);
  } finally {
    clearTimeout(timer);
  }
}

/** Posts a file with an upload ticket, straight to the store. Throws `ApiError`. */
export async function upload(ticket: Schemas["UploadTicket"], file: Blob): Promise<void> {
  const form = new FormData();
  for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value);
  form.append("file", file);
  const request = new Request(ticket.url, { method: "POST", body: form });
  const response = await reach(request, TIMEOUT_MS + file.size / SLOWEST_BYTES_PER_MS);
  if (!response.ok) {
    throw new ApiError(response.status, "upload_refused", texts.common.uploadRefused);
  }
}
