import { Badge } from "../ui";
import { typeText, typeTone } from "./model";

export function TypeBadge({ type }: { type: string }) {
  return <Badge tone={typeTone(type)}>{typeText(type)}</Badge>;
}
