// A bar code as one path, as high as it is asked to be, with the quiet zones of an EAN-13 around it.
export function Bars(props: { picture: { size: number; path: string }; label: string }) {
  const before = 11; /* modules: GS1 General Specifications, 5.2.3 */
  const after = 7;
  return (
    <svg
      class="bars"
      viewBox={`${-before} 0 ${props.picture.size + before + after} 1`}
      preserveAspectRatio="none"
      role="img"
      aria-label={props.label}
      shape-rendering="crispEdges"
    >
      <rect x={-before} y={0} width={props.picture.size + before + after} height={1} fill="#fff" />
      <path d={props.picture.path} fill="#000" />
    </svg>
  );
}
