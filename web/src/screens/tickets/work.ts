/** Opening a ticket, posting its pictures, and following what becomes of them. */
import { onUnmounted, reactive, ref } from "vue";
import { api, content, messageOf, upload, type Schemas } from "@/api/client";
import { newRequestId } from "@/lib/ids";
import { asSignedIn } from "@/store";
import { texts } from "@/texts";

type Kind = Schemas["UploadKind"];
type Ticket = Schemas["TicketView"];
export type Pictures = Record<Kind, File | null>;

const POLL_MS = 1500;
const MOST_POLLS = 40;

/** `sending` tells which pictures are on their way, `failed` why one did not arrive. */
export function useTicket(known: Ticket | null = null) {
  const ticket = ref<Ticket | null>(known);
  const sending = reactive<Partial<Record<Kind, "uploading" | "checking">>>({});
  const failed = reactive<Partial<Record<Kind, string>>>({});
  const request_id = newRequestId(); // repeated after a lost answer, it finds the same ticket
  let timer: ReturnType<typeof setTimeout> | undefined;
  let polls = 0;

  /** Opens the ticket, then sends the pictures. Throws `ApiError` when it could not be opened. */
  async function open(
    body: Omit<Schemas["TicketRequest"], "request_id">,
    files: Pictures,
  ): Promise<void> {
    const opened = await asSignedIn(() =>
      content(api.POST("/tickets", { body: { ...body, request_id } })),
    );
    ticket.value = opened;
    const chosen = Object.entries(files) as [Kind, File | null][];
    await Promise.all(chosen.map(([kind, file]) => (file ? send(kind, file) : null)));
  }

  /** Posts one picture of the open ticket. */
  async function send(kind: Kind, file: File): Promise<void> {
    delete failed[kind];
    sending[kind] = "uploading";
    try {
      await upload(await place(kind), file);
      sending[kind] = "checking";
      polls = 0;
      follow();
    } catch (error) {
      delete sending[kind];
      failed[kind] = texts.ticket.uploadFailed(messageOf(error));
    }
  }

  /** A fresh place to post to: the one that came with the ticket may be used up. */
  async function place(kind: Kind): Promise<Schemas["UploadTicket"]> {
    const found = find(kind)?.upload;
    if (found && !polls) return found;
    await reload();
    const fresh = find(kind)?.upload;
    if (!fresh) throw new Error("nothing is awaited");
    return fresh;
  }

  function find(kind: Kind): Schemas["TicketUpload"] | undefined {
    return ticket.value?.uploads.find((one) => one.kind === kind);
  }

  async function reload(): Promise<void> {
    const path = { ticket_id: ticket.value?.ticket_id ?? "" };
    ticket.value = await asSignedIn(() =>
      content(api.GET("/tickets/{ticket_id}", { params: { path } })),
    );
  }

  function follow(): void {
    clearTimeout(timer);
    timer = setTimeout(() => void poll(), POLL_MS);
  }

  async function poll(): Promise<void> {
    polls += 1;
    await reload().catch(() => undefined); // offline: ask again
    for (const one of ticket.value?.uploads ?? []) {
      if (one.state !== "waiting") delete sending[one.kind];
    }
    if (Object.keys(sending).length && polls < MOST_POLLS) follow();
  }

  onUnmounted(() => clearTimeout(timer));

  return reactive({ ticket, sending, failed, open, send });
}

export type TicketWork = ReturnType<typeof useTicket>;
