// What the card shows, and how it is written and found in the list.
import type { Schemas } from "../api/client";
import { formatMoney, formatNumber, region } from "../lib/format";
import { hasText, t } from "../lib/i18n";
import { readable } from "../lib/router";

export type Customer = Schemas["Customer"];
export type CustomerRow = Schemas["CustomerRow"];
export type Transaction = Schemas["Transaction"];
export type TransactionLine = Schemas["TransactionLine"];
export type Activity = Schemas["Activity"];

/** A list of customers by one term: store:"Lyon Bellecour". */
export function listAddress(field: string, value: string): string {
  const quoted = /^[\p{L}\p{N}_]+$/u.test(value) ? value : `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  return `/customers?${readable(new URLSearchParams({ q: `${field}:${quoted}` }))}`;
}

/** The price of one piece: more digits than the currency has only where the price has them. */
export function formatPrice(price: number): string {
  const { decimals } = region.value;
  const minor = price * 10 ** decimals;
  if (Math.abs(minor - Math.round(minor)) < 1e-6) return formatMoney(Math.round(minor));
  return formatNumber(price, decimals + 2);
}

export function formatQuantity(quantity: number): string {
  return formatNumber(quantity, Number.isInteger(quantity) ? 0 : 3);
}

/** The words for a value that data may hold without our knowing it. */
export function wordFor(prefix: string, value: string): string {
  return hasText(prefix + value) ? t(prefix + value) : value.replaceAll("_", " ");
}
