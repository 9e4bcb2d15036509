import { Icon } from "../ui";
import type { Colour } from "./model";

export function TierBadge(props: { name: string; colour: Colour; title?: string }) {
  return (
    <span class={`badge tier-badge tier-${props.colour}`} title={props.title}>
      <Icon name="star" size={12} />
      {props.name}
    </span>
  );
}
