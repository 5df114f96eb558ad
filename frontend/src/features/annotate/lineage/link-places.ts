/** The links that a linker was least sure of, as places to look at. */
import type { LinksSaid } from "./lineage-queries";
import type { Place } from "./places";

/** Above this a link is as good as certain, and listing it would hide the others. */
const SURE = 0.95;
const MOST = 1_000;

/** Links that nobody has made or confirmed, the least sure first. */
export function ofLinks({ links }: LinksSaid): Place[] {
  const unsure = links.confidence.map((confidence, row) => ({ confidence, row })).filter(({ confidence, row }) => confidence < SURE && !links.given[row]);
  unsure.sort((one, other) => one.confidence - other.confidence || one.row - other.row);
  return unsure.slice(0, MOST).map(({ confidence, row }) => placeOf(links, row, confidence));
}

function placeOf(links: LinksSaid["links"], row: number, confidence: number): Place {
  const at = (column: readonly number[]) => column[row] ?? 0;
  const [t, cell, fromT, fromCell] = [at(links.t), at(links.cell), at(links.from_t), at(links.from_cell)];
  const divides = cell !== fromCell;
  const gap = t - fromT > 1;
  const sure = `${Math.round(100 * confidence)} % sure`;
  return {
    key: `link ${t} ${cell}`,
    title: divides ? "Division" : gap ? "Over a gap" : "Link",
    message: divides ? `${sure}: cell ${cell} is a daughter of ${fromCell}.` : `${sure}: cell ${cell} is the one of frame ${fromT}.`,
    t, z: 0, y: 0, x: 0,
    cells: divides ? [cell, fromCell] : [cell],
    repair: null,
    placeless: true,
    link: { t, cell, from_t: fromT, from_cell: fromCell },
  };
}
