// Groups as the client knows them, and what is done with them; each change can be taken back.
import { api, type Schemas } from "../api/client";
import { t } from "../lib/i18n";
import { readable } from "../lib/router";
import { toast, toastError } from "../ui";

export type Group = Schemas["Group"];
export interface Draft {
  name: string;
  description: string;
}

/** The Customers page with the group's customers. */
export function groupAddress(group: Pick<Group, "term">): string {
  return `/customers?${readable(new URLSearchParams({ q: group.term }))}`;
}

export async function addGroup(draft: Draft, again: () => void): Promise<void> {
  const group = await api.post("/groups", { body: draft });
  again();
  toast(t("groups.added", { name: group.name }), { undo: () => void remove(group, again) });
}

export async function changeGroup(before: Group, draft: Draft, again: () => void): Promise<void> {
  const path = { id: before.id };
  const now = await api.patch("/groups/{id}", { path, version: before.version, body: draft });
  again();
  if (now.version === before.version) return;
  const back = () =>
    api
      .patch("/groups/{id}", {
        path,
        version: now.version,
        body: { name: before.name, description: before.description },
      })
      .then(again, toastError);
  toast(t("groups.saved", { name: now.name }), { undo: () => void back() });
}

async function remove(group: Group, again: () => void): Promise<void> {
  try {
    await api.delete("/groups/{id}", { path: { id: group.id } });
    again();
  } catch (error) {
    toastError(error);
  }
}

export async function restoreGroup(group: Group, again: () => void): Promise<void> {
  try {
    await api.post("/groups/{id}/restore", { path: { id: group.id } });
    again();
    toast(t("groups.restored", { name: group.name }));
  } catch (error) {
    toastError(error);
  }
}

export async function removeGroup(group: Group, again: () => void): Promise<void> {
  try {
    await api.delete("/groups/{id}", { path: { id: group.id } });
    again();
    toast(t("groups.removed", { name: group.name }), { undo: () => void restoreGroup(group, again) });
  } catch (error) {
    toastError(error);
  }
}
