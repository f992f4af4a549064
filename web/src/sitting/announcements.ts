/** Announcements of operators to this candidate, receipts for them, and requests for help. */
import { ApiError, type Schemas } from "@/api/client";
import { newRequestId } from "@/lib/ids";
import type { AttemptApi } from "@/sitting/attempt-api";
import type { SittingState } from "@/sitting/state";
import { asSignedIn } from "@/store";

type View = Schemas["Announcements"];
type Receipt = Pick<View, "for_all" | "to_me">;

const NOTHING: Receipt = { for_all: 0, to_me: 0 };

export function useAnnouncements(state: SittingState, api: AttemptApi) {
  let known = -1; // how many this page has; -1: it has to ask
  let newest = NOTHING;
  let confirmed = NOTHING; // by the candidate, in this page
  let delivered = NOTHING; // the receipt that the server has acknowledged
  let asking: { id: string; reason: Schemas["HelpReason"] } | null = null; // until it has succeeded
  let busy = false;

  /** A page was admitted: what it shows is read anew. */
  function forget(): void {
    known = -1;
  }

  /** The server has so many announcements for this attempt. What fails is tried again with the next heartbeat. */
  async function heard(announced: number): Promise<void> {
    if (busy) return;
    busy = true;
    try {
      await deliver();
      if (announced > known) take(await api.announcements());
    } catch (error) {
      if (error instanceof ApiError && error.code === "announcement_unknown") confirmed = delivered;
    } finally {
      busy = false;
    }
  }

  function take(view: View): void {
    known = view.announced;
    newest = { for_all: view.for_all, to_me: view.to_me };
    state.help = view.help;
    state.announcements = view.announcements.map((one) => ({
      ...one,
      read: one.read || one.number <= (one.personal ? confirmed.to_me : confirmed.for_all),
    }));
  }

  /** 我知道了: the candidate has read everything that is shown. */
  function confirm(): void {
    confirmed = newest;
    state.announcements = state.announcements.map((one) => ({ ...one, read: true }));
    void heard(known);
  }

  /** Sends the receipt until it is acknowledged. */
  async function deliver(): Promise<void> {
    if (confirmed === delivered) return;
    const sent = confirmed;
    await api.confirmAnnouncements(sent);
    delivered = sent;
  }

  /** 请求帮助. A repeat after a lost answer is the same request. Throws `ApiError`. */
  async function askForHelp(reason: Schemas["HelpReason"]): Promise<void> {
    if (asking?.reason !== reason) asking = { id: newRequestId(), reason };
    const { id } = asking;
    try {
      state.help = await asSignedIn(() => api.askForHelp(id, reason));
      asking = null;
    } catch (error) {
      if (error instanceof ApiError && error.code === "help_open") {
        known = -1; // another request was open: show it
        await heard(0);
      }
      throw error;
    }
  }

  return { forget, heard, confirm, askForHelp };
}
