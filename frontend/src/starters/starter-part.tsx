import { Text } from "@mantine/core";
import { plural } from "@/lib/format";
import classes from "./starters.module.css";
import { factsOf, pictureAddress, type Estimate, type StarterFacts } from "./types";

/** The model card of a starter model: what it is for, how good it is where, what it learned from, its limits. */
export function StarterPart({ model }: { model: { id: string; starter: boolean; summary: Record<string, unknown> } }) {
  const facts = factsOf(model);
  if (!facts) return null;
  return (
    <>
      <section aria-labelledby="starter">
        <h2 className={classes.title} id="starter">
          On pictures that it did not learn from
        </h2>
        <img className={classes.picture} src={pictureAddress(model.id)} alt={`Proposals of the starter model ${facts.title} outlined on held-out pictures`} />
      </section>
      <ScorePlot facts={facts} />
      <section aria-labelledby="limits">
        <h2 className={classes.title} id="limits">
          Limits
        </h2>
        <ul className={classes.texts}>
          {facts.limits.map((limit) => (
            <li key={limit}>{limit}</li>
          ))}
        </ul>
      </section>
      <LearnedFrom facts={facts} />
    </>
  );
}

function ScorePlot({ facts }: { facts: StarterFacts }) {
  return (
    <section aria-labelledby="card-scores">
      <h2 className={classes.title} id="card-scores">
        How good it is, and where
      </h2>
      <div className={classes.plot} role="table" aria-label="AP at IoU 0.5 by kind of picture">
        {facts.scores.ap50 && <Row label="All held-out pictures" note="" at={facts.scores.ap50} />}
        <div className={classes.head}>By kind of picture</div>
        {facts.kinds.map((one) => (
          <Row key={one.kind} label={one.kind} note={plural(one.pictures, "picture")} at={{ value: one.ap50, low: null, high: null }} />
        ))}
        {facts.elsewhere.length > 0 && <div className={classes.head}>Pictures of other origin, nothing of which was learned</div>}
        {facts.elsewhere.map((one) => (
          <Row key={one.name} label={one.what} note={plural(one.pictures, "picture")} title={one.caveat} at={{ value: one.ap50, low: null, high: null }} hollow />
        ))}
      </div>
      <Text size="xs" c="dimmed" mt={8} maw="46rem">
        AP is right / (right + invented + missed) at IoU 0.5, 0 to 1; the line is its 95 % interval. {facts.elsewhere.map((one) => `${one.what}: ${one.caveat}.`).join(" ")}
      </Text>
    </section>
  );
}

function Row({ label, note, at, hollow = false, title }: { label: string; note: string; at: Estimate; hollow?: boolean; title?: string }) {
  const percent = (value: number) => `${Math.min(Math.max(value, 0), 1) * 100}%`;
  return (
    <>
      <span title={title}>{label}</span>
      <span className={classes.line} title={note}>
        {at.low !== null && at.high !== null && <span className={classes.range} style={{ left: percent(at.low), width: percent(at.high - at.low) }} />}
        <span className={hollow ? classes.hollow : classes.dot} style={{ left: percent(at.value) }} />
      </span>
      <span className="num">{at.value.toFixed(3)}</span>
    </>
  );
}

function LearnedFrom({ facts }: { facts: StarterFacts }) {
  return (
    <section aria-labelledby="card-data">
      <h2 className={classes.title} id="card-data">
        Learned from
      </h2>
      <ul className={classes.texts}>
        {facts.data.map((one) => (
          <li key={one.name}>
            <strong>{one.name}</strong>, {plural(one.images, "picture")}, {plural(one.cells, "cell")}. Licence: {one.licence} Source: {one.source} Cite: {one.cite}
          </li>
        ))}
      </ul>
      <Text size="sm" mt={8} maw="46rem">
        {`${(facts.parameters / 1e6).toFixed(1)} M parameters, trained for ${facts.cpu_minutes} minutes of one processor core, from chance. Licence of the weights: ${facts.licence}.`}
      </Text>
    </section>
  );
}
