/** Following an undecided ticket: the page notices the decision by itself. */
import { inject, onUnmounted, provide, ref, type InjectionKey, type Ref } from "vue";
import { api, content, type Schemas } from "@/api/client";
import { Pauses, poll } from "@/lib/poll";

type Ticket = Schemas["TicketView"];

const FIRST_MS = 4000;
const MOST_MS = 60_000;

/**
 * Reads a ticket again and again until its decision has reached the attempt, then calls `settled` until that succeeds.
 * Ends with the component.
 */
export function useFollowing(ticket: Ref<Ticket | null>, settled: () => Promise<void>) {
  let stop = new AbortController();
  onUnmounted(() => stop.abort());

  async function ask(): Promise<boolean> {
    const known = ticket.value;
    if (!known) return false;
    if (!known.settled) {
      const path = { ticket_id: known.ticket_id };
      ticket.value = await content(api.GET("/tickets/{ticket_id}", { params: { path } }));
    }
    if (!ticket.value?.settled) return true;
    await settled();
    return false;
  }

  /** Begins to follow the ticket. The one before is not followed any more. */
  return function follow(): void {
    stop.abort();
    stop = new AbortController();
    if (ticket.value && !ticket.value.settled)
      void poll(ask, new Pauses(FIRST_MS, MOST_MS), stop.signal);
  };
}

export interface OpenTicket {
  /** The newest ticket about the attempt, as far as this page knows. */
  ticket: Ref<Ticket | null>;
  /** Follows a ticket that was just opened. */
  filed: (ticket: Ticket) => void;
  /** Looks for a ticket that was opened before this page, once. */
  look: () => Promise<void>;
  /** Reads a ticket again whose decision may have been corrected. */
  again: () => Promise<void>;
}

const OPEN_TICKET: InjectionKey<OpenTicket> = Symbol("the ticket about this attempt");

/** The ticket of a check-in; `settled` is called when its decision has reached the attempt. */
export function provideOpenTicket(attemptId: string, settled: () => Promise<void>): OpenTicket {
  const ticket = ref<Ticket | null>(null) as Ref<Ticket | null>;
  const follow = useFollowing(ticket, settled);
  let looked = false;

  function filed(opened: Ticket): void {
    ticket.value = opened;
    follow();
  }

  async function look(): Promise<void> {
    if (looked || ticket.value) return;
    looked = true;
    try {
      const { tickets } = await content(api.GET("/tickets"));
      const mine = tickets.find((one) => one.attempt_id === attemptId);
      if (mine && !ticket.value) filed(mine);
    } catch {
      looked = false; // the next occasion asks again
    }
  }

  async function again(): Promise<void> {
    if (!ticket.value) return;
    looked = false;
    ticket.value = null;
    await look();
  }

  const open = { ticket, filed, look, again };
  provide(OPEN_TICKET, open);
  return open;
}

/** The ticket of the check-in that this component is part of; null elsewhere. */
export function useOpenTicket(): OpenTicket | null {
  return inject(OPEN_TICKET, null);
}
