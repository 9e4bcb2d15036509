// What this browser remembers. Storage can be full or forbidden: then it remembers nothing.
import { effect, signal, type Signal } from "@preact/signals";

export function stored<T>(key: string, fallback: T, valid: (value: unknown) => value is T): Signal<T> {
  const name = `habitue.${key}`;
  let first = fallback;
  try {
    const text = localStorage.getItem(name);
    const value: unknown = text === null ? fallback : JSON.parse(text);
    if (valid(value)) first = value;
  } catch {
    first = fallback;
  }
  const state = signal(first);
  effect(() => {
    const value = state.value;
    try {
      if (value === fallback) localStorage.removeItem(name);
      else localStorage.setItem(name, JSON.stringify(value));
    } catch {
      /* remembered until the page closes */
    }
  });
  return state;
}

export const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";
export const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((part) => typeof part === "string");
