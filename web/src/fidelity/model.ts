// Fidelity card numbers: 13 digits of an EAN-13 that begin with 29 (src/crm/fidelity/fidelity.h).
import { api, type Schemas } from "../api/client";
import { navigate } from "../lib/router";
import { toastError } from "../ui";

export type FidelityCard = Schemas["FidelityCard"];
export const sheetMost = 200;

export function isCardNumber(text: string): boolean {
  if (!/^29\d{11}$/.test(text)) return false;
  const sum = [...text].reduce((total, digit, place) => total + Number(digit) * (place % 2 ? 3 : 1), 0);
  return sum % 10 === 0;
}
/** "2912345678903" → "29 12345 67890 3" */
export function spaced(number: string): string {
  return `${number.slice(0, 2)} ${number.slice(2, 7)} ${number.slice(7, 12)} ${number.slice(12)}`;
}
/** Opens the customer's card; what is wrong with the number is said in a toast. */
export async function openCard(number: string): Promise<boolean> {
  try {
    const { customer } = await api.get("/cards/{id}", { path: { id: number } });
    navigate(`/customers/${customer.id}`);
    return true;
  } catch (error) {
    toastError(error);
    return false;
  }
}
