/** Opens a case (a ticket or a complaint), uploads its pictures, and follows their state. */
import { onUnmounted, reactive, ref, type Ref } from "vue";
import { api, content, messageOf, upload, type Schemas } from "@/api/client";
import { newRequestId } from "@/lib/ids";
import { asSignedIn } from "@/store";
import { ticketTexts } from "#texts/tickets";

type Ticket = Schemas["TicketView"];
type Complaint = Schemas["ComplaintView"];
export type Picture = Schemas["TicketUpload"] | Schemas["ComplaintUpload"];
export type Pictures<Kind extends string> = Record<Kind, File | null>;

const POLL_MS = 1500;
const MOST_POLLS = 40;

/** `sending`: the pictures that are being uploaded; `failed`: why a picture did not arrive. */
function usePictures<C extends { uploads: Picture[] }>(
  filed: Ref<C | null>,
  ask: (present: C) => Promise<C>,
) {
  const sending = reactive<Record<string, "uploading" | "checking">>({});
  const failed = reactive<Record<string, string>>({});
  let timer: ReturnType<typeof setTimeout> | undefined;
  let polls = 0;

  /** Uploads the chosen pictures of a case that was just opened. */
  async function sendAll(files: Pictures<string>): Promise<void> {
    const chosen = Object.entries(files);
    await Promise.all(chosen.map(([kind, file]) => (file ? send(kind, file) : null)));
  }

  /** Uploads one picture of the case. */
  async function send(kind: string, file: File): Promise<void> {
    delete failed[kind];
    sending[kind] = "uploading";
    try {
      await upload(await place(kind), file);
      sending[kind] = "checking";
      polls = 0;
      follow();
    } catch (error) {
      delete sending[kind];
      failed[kind] = ticketTexts.uploadFailed(messageOf(error));
    }
  }

  /** Asks for a new upload ticket, because the one that came with the case may be used up. */
  async function place(kind: string): Promise<Schemas["UploadTicket"]> {
    const found = find(kind)?.upload;
    if (found && !polls) return found;
    await reload();
    const fresh = find(kind)?.upload;
    if (!fresh) throw new Error("nothing is awaited");
    return fresh;
  }

  function find(kind: string): Picture | undefined {
    return filed.value?.uploads.find((one) => one.kind === kind);
  }

  async function reload(): Promise<void> {
    const present = filed.value;
    if (present) filed.value = await asSignedIn(() => ask(present));
  }

  function follow(): void {
    clearTimeout(timer);
    timer = setTimeout(() => void poll(), POLL_MS);
  }

  async function poll(): Promise<void> {
    polls += 1;
    await reload().catch(() => undefined); // offline: ask again
    for (const one of filed.value?.uploads ?? []) {
      if (one.state !== "waiting") delete sending[one.kind];
    }
    if (Object.keys(sending).length && polls < MOST_POLLS) follow();
  }

  onUnmounted(() => clearTimeout(timer));
  return { sending, failed, send, sendAll };
}

export type PictureWork = Pick<ReturnType<typeof usePictures>, "sending" | "failed" | "send">;

/** A ticket 去反馈. */
export function useTicket(known: Ticket | null = null) {
  const ticket = ref<Ticket | null>(known) as Ref<Ticket | null>;
  const request_id = newRequestId(); // the same id after a lost answer, so that no second ticket is opened
  const pictures = usePictures(ticket, (present) => {
    const path = { ticket_id: present.ticket_id };
    return content(api.GET("/tickets/{ticket_id}", { params: { path } }));
  });

  /** Opens the ticket, then sends the pictures. Throws `ApiError` when it could not be opened. */
  async function open(
    body: Omit<Schemas["TicketRequest"], "request_id">,
    files: Pictures<Schemas["TicketUpload"]["kind"]>,
  ): Promise<void> {
    ticket.value = await asSignedIn(() =>
      content(api.POST("/tickets", { body: { ...body, request_id } })),
    );
    await pictures.sendAll(files);
  }

  return reactive({ ticket, ...pictures, open });
}

export type TicketWork = ReturnType<typeof useTicket>;

/** A complaint 我要投诉 about the verdict on one attempt. */
export function useComplaint(attempt_id: string, known: Complaint | null = null) {
  const complaint = ref<Complaint | null>(known) as Ref<Complaint | null>;
  const request_id = newRequestId();
  const params = { path: { attempt_id } };
  const pictures = usePictures(complaint, async (present) => {
    const status = await content(api.GET("/attempts/{attempt_id}/complaint", { params }));
    return status.complaint ?? present;
  });

  /** Files the complaint, then sends the pictures. Throws `ApiError` when it could not be filed. */
  async function open(
    text: string,
    files: Pictures<Schemas["ComplaintUpload"]["kind"]>,
  ): Promise<void> {
    complaint.value = await asSignedIn(() =>
      content(api.POST("/attempts/{attempt_id}/complaint", { params, body: { request_id, text } })),
    );
    await pictures.sendAll(files);
  }

  return reactive({ complaint, ...pictures, open });
}

export type ComplaintWork = ReturnType<typeof useComplaint>;
