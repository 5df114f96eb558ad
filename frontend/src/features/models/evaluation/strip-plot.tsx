import { Text } from "@mantine/core";
import { TextLink } from "@/ui/link";
import classes from "./evaluation.module.css";
import type { EvaluatedImage } from "./queries";
import { imageAddress, scoreWords, spread } from "./words";

const WIDTH = 600;
const STEP = 9;
const EDGE = 8;
const WORST = 5;

/** Every image as a dot at its score; the five worst are named below, and each opens in the editor. */
export function StripPlot({ project, items, score }: { project: string; items: readonly EvaluatedImage[]; score: string }) {
  const words = scoreWords(score);
  const ap = (item: EvaluatedImage | undefined): number => Math.min(1, Math.max(0, item?.scores[score] ?? 0));
  const sorted = [...items].sort((a, b) => ap(a) - ap(b));
  const rows = spread(sorted.map(ap));
  const tall = Math.min(60, Math.max(14, STEP * (1 + 2 * Math.max(...rows.map(Math.abs)))));
  const gap = tall / (1 + 2 * Math.max(...rows.map(Math.abs)));
  return (
    <figure className={classes.strip}>
      <svg viewBox={`0 0 ${WIDTH + 2 * EDGE} ${tall + 22}`} role="img" aria-label={`${words} of ${items.length} images, from ${ap(sorted[0]).toFixed(2)} to ${ap(sorted.at(-1)).toFixed(2)}`}>
        {[0, 0.25, 0.5, 0.75, 1].map((at) => (
          <g key={at} transform={`translate(${EDGE + at * WIDTH} 0)`}>
            <line y1={0} y2={tall} />
            <text y={tall + 16} textAnchor={at === 0 ? "start" : at === 1 ? "end" : "middle"}>
              {at}
            </text>
          </g>
        ))}
        {sorted.map((item, index) => (
          <circle key={item.image} cx={EDGE + ap(item) * WIDTH} cy={tall / 2 + (rows[index] ?? 0) * gap} r={4}>
            <title>{`${item.image_name}: ${ap(item).toFixed(3)}`}</title>
          </circle>
        ))}
      </svg>
      <figcaption>
        <Text size="xs" c="dimmed">
          {words}, a dot for each image. The lowest:
        </Text>
        <ol className={classes.lowest}>
          {sorted.slice(0, WORST).map((item) => (
            <li key={item.image}>
              <TextLink {...imageAddress(project, item)} size="sm" className={classes.name} title={item.image_name}>
                {item.image_name}
              </TextLink>
              <span className="num">{ap(item).toFixed(3)}</span>
            </li>
          ))}
        </ol>
      </figcaption>
    </figure>
  );
}
