// A hand scanner types a number faster than anybody can and ends with Enter: outside of fields that opens
// the customer's card, on whatever page.
import { isCardNumber, openCard } from "./model";

const fastestHandMs = 60; /* between two keys; scanners need a few */
const digitsMost = 13;

export function startScanner(): void {
  let digits = "";
  let last = 0;
  addEventListener(
    "keydown",
    (event) => {
      const field = event.target instanceof HTMLElement && event.target.matches("input, textarea, select, [contenteditable]");
      if (field || event.ctrlKey || event.metaKey || event.altKey) {
        digits = "";
        return;
      }
      if (event.timeStamp - last > fastestHandMs) digits = "";
      last = event.timeStamp;
      if (/^\d$/.test(event.key)) {
        digits = (digits + event.key).slice(-digitsMost);
      } else if (event.key === "Enter" && isCardNumber(digits)) {
        event.preventDefault();
        event.stopPropagation();
        void openCard(digits);
        digits = "";
      } else digits = "";
    },
    true,
  );
}
