/** A small drawing of what the recipe answers. */
export function RecipePicture({ recipe }: { recipe: string }) {
  return (
    <svg viewBox="0 0 120 44" height={44} aria-hidden fill="none" strokeWidth={1.6}>
      {recipe === "semantic" ? <Regions /> : recipe === "translate" ? <Channels /> : recipe === "classify" ? <Kinds /> : recipe === "detect" ? <Boxes /> : recipe === "embed" ? <Likes /> : recipe === "learn_links" ? <Links /> : <Outlines />}
    </svg>
  );
}

const CELLS = ["M12 24c-2-9 8-16 16-12s8 16 1 20-15 1-17-8z", "M40 18c2-8 14-9 18-2s1 17-7 18-14-7-11-16z", "M60 26c0-8 8-13 14-9s6 14 0 18-14 0-14-9z", "M88 20c3-8 16-9 20-1s-2 18-10 18-13-9-10-17z"];
const COLOURS = ["var(--cyto-accent)", "var(--cyto-busy)", "var(--cyto-wait)", "var(--cyto-bad)"];

function Outlines() {
  return CELLS.map((path, at) => <path key={path} d={path} stroke={COLOURS[at]} fill={COLOURS[at]} fillOpacity={0.22} />);
}

/** Three frames: one cell goes on, one divides. */
function Links() {
  const at = [
    [20, 12],
    [60, 10],
    [100, 13],
    [20, 33],
    [60, 31],
    [100, 25],
    [100, 38],
  ];
  return (
    <g>
      <path d="M20 12L60 10L100 13" stroke="var(--cyto-accent)" />
      <path d="M20 33L60 31L100 25M60 31L100 38" stroke="var(--cyto-busy)" />
      {at.map(([x, y], n) => (
        <circle key={`${x} ${y}`} cx={x} cy={y} r={n > 4 ? 4 : 5.5} stroke={n < 3 ? "var(--cyto-accent)" : "var(--cyto-busy)"} fill="var(--mantine-color-body)" />
      ))}
    </g>
  );
}

/** Every cell with the box around it. */
function Boxes() {
  const boxes = [
    [10, 12, 23, 23],
    [38, 8, 23, 30],
    [58, 14, 21, 24],
    [86, 10, 25, 29],
  ];
  return CELLS.map((path, at) => (
    <g key={path} stroke={at === 2 ? "var(--cyto-busy)" : "var(--cyto-accent)"}>
      <path d={path} strokeWidth={0} fill="currentColor" fillOpacity={0.14} />
      <rect x={boxes[at]?.[0]} y={boxes[at]?.[1]} width={boxes[at]?.[2]} height={boxes[at]?.[3]} rx={1} />
    </g>
  ));
}

/** Outlines that are there already, and what each cell is. */
function Kinds() {
  return CELLS.map((path, at) => {
    const colour = at === 2 ? "var(--cyto-busy)" : "var(--cyto-accent)";
    return (
      <g key={path} stroke={colour}>
        <path d={path} />
        <circle cx={20 + at * 26} cy={23} r={3.5} fill={colour} />
      </g>
    );
  });
}

function Regions() {
  return CELLS.map((path, at) => <path key={path} d={path} fill={at === 1 || at === 2 ? "var(--cyto-busy)" : "var(--cyto-accent)"} fillOpacity={0.75} />);
}

/** Cells as points, those that look alike together. */
function Likes() {
  const groups = [
    [[16, 16], [25, 11], [23, 22], [33, 19]],
    [[52, 32], [60, 27], [66, 35], [72, 29]],
    [[92, 12], [101, 16], [94, 22], [105, 25]],
  ];
  return groups.map((points, at) => (
    <g key={COLOURS[at]} fill={COLOURS[at]} fillOpacity={0.8}>
      {points.map(([x, y]) => (
        <circle key={x} cx={x} cy={y} r={3.2} />
      ))}
    </g>
  ));
}

/** A grey picture, and the same cells in colour. */
function Channels() {
  return CELLS.map((path, at) => <path key={path} d={path} stroke={at < 2 ? "var(--cyto-wait)" : undefined} fill={at < 2 ? "none" : "var(--cyto-accent)"} fillOpacity={0.85} />);
}
