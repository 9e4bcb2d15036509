import { signal } from "@preact/signals";
import { api, type Schemas } from "../api/client";

export type Alert = Schemas["WatchAlertList"]["items"][number];
export type Request = Schemas["WatchRequest"];
export type WatchRules = Schemas["WatchRules"];

/** What waits to be decided, for the navigation. */
export const waiting = signal(0);
export async function loadWaiting(): Promise<void> {
  try {
    const { alerts, requests } = await api.get("/watch/count");
    waiting.value = alerts + requests;
  } catch {
    /* what is there stays: the page itself tells of errors */
  }
}
