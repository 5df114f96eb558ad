import { SegmentedControl, Select, Skeleton, Slider, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { placeAddress } from "../evaluation/words";
import { ScoreBar } from "../score-bar";
import classes from "./looks.module.css";
import { cropAddress, explanationQuery, spotOf, type Explanation, type RememberedCell, type Spot } from "./queries";

type Kind = "signed" | "coarse";

/** Why one cell was told its class: the cell, the map beside it, how sure it was, and the training cells most like it. */
export function ExplainedCell({ model, project, spot }: { model: string; project: string; spot: Spot }) {
  const [of, setOf] = useState<string | null>(null);
  const query = useQuery({ ...explanationQuery(model, spot, of), placeholderData: keepPreviousData });
  if (query.error) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton height={260} />;
  const found = query.data;
  return (
    <Stack gap="sm">
      <Maps found={found} />
      <Select size="xs" label="What speaks for" data={found.classes} value={found.of} onChange={setOf} allowDeselect={false} />
      <div>
        {found.classes.map((name, at) => (
          <ScoreRow key={name} name={name} value={found.probabilities[at] ?? 0} />
        ))}
      </div>
      {found.alike.length > 0 && (
        <div>
          <Text size="sm" fw={600} mb={4}>
            Training cells most like it
          </Text>
          <ul className={classes.crops}>
            {found.alike.map((cell) => (
              <li key={`${cell.image} ${cell.t} ${cell.z} ${cell.cell}`}>
                <TextLink {...editorAt(project, cell)} className={classes.crop} underline="never" title={`${cell.image_name}, cell ${cell.cell}: open in the editor`}>
                  <img src={cropAddress(model, spotOf(cell))} alt="" loading="lazy" />
                  {cell.truth}
                  <br />
                  <span className="num">{(cell.likeness ?? 0).toFixed(2)}</span>
                </TextLink>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Stack>
  );
}

function ScoreRow({ name, value }: { name: string; value: number }) {
  return (
    <div className={classes.row} style={{ marginBottom: 2 }}>
      <span title={name} className={classes.name} style={{ gridColumn: "auto", fontWeight: 400 }}>
        {name}
      </span>
      <ScoreBar value={value} label={`Probability of ${name}`} />
    </div>
  );
}

function Maps({ found }: { found: Explanation }) {
  const [kind, setKind] = useState<Kind>("signed");
  const [opacity, setOpacity] = useState(80);
  const picture = (base64: string) => `data:image/png;base64,${base64}`;
  return (
    <>
      <div className={classes.pair}>
        <figure className={classes.seen}>
          <img src={picture(found.crop)} alt="The cell as the model sees it" />
        </figure>
        <figure className={classes.seen}>
          <img src={picture(found.crop)} alt="" />
          <img src={picture(found[kind])} alt={kind === "signed" ? `Pixels that speak for and against ${found.of}` : `Regions that speak for ${found.of}`} style={{ opacity: opacity / 100 }} />
        </figure>
      </div>
      <SegmentedControl size="xs" aria-label="Which map" value={kind} onChange={(value) => setKind(value)} data={[{ value: "signed", label: "Pixels" }, { value: "coarse", label: "Regions" }]} />
      <div className={classes.legend}>
        {kind === "signed" ? (
          <>
            <span style={{ "--key": "#ff7a00" }}>speaks for {found.of}</span>
            <span style={{ "--key": "#006eff" }}>speaks against it</span>
          </>
        ) : (
          <span style={{ "--key": "#ff3c78" }}>regions that speak for {found.of}</span>
        )}
      </div>
      <Slider aria-label="Opacity of the map" size="xs" value={opacity} onChange={setOpacity} label={(value) => `${value} %`} />
      <Text size="xs" c="dimmed">
        {kind === "signed" ? "Integrated gradients: what each pixel adds to the class, against an even grey picture." : "Grad-CAM: where the net’s last maps speak for the class; coarse, but steady."}
      </Text>
    </>
  );
}

/** The editor with the cell in its middle. */
export function editorAt(project: string, cell: RememberedCell) {
  const [top = 0, left = 0, bottom = 0, right = 0] = cell.box;
  const size_px = (bottom - top) * (right - left);
  return placeAddress(project, { ...cell, y: (top + bottom) / 2, x: (left + right) / 2, size_px, cells: [cell.cell] });
}
