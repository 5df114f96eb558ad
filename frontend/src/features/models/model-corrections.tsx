import { Text } from "@mantine/core";
import { plural } from "@/lib/format";
import classes from "./models.module.css";
import type { Corrections } from "./types";

const PARTS = [
  { key: "untouched", word: "kept as proposed", colour: "var(--cyto-accent)" },
  { key: "changed", word: "changed", colour: "var(--cyto-wait)" },
  { key: "removed", word: "removed", colour: "var(--cyto-bad)" },
  { key: "added", word: "added by people", colour: "var(--cyto-busy)" },
] as const;

/** What people made of the proposals: the score that counts. */
export function ModelCorrections({ corrections }: { corrections: Corrections }) {
  return (
    <section aria-labelledby="corrections">
      <h2 className={classes.title} id="corrections">
        How much was corrected
      </h2>
      {corrections.accepted === 0 ? (
        <Text size="sm" c="dimmed">
          {corrections.predictions === 0
            ? "Nothing was predicted with this model yet. Once people have corrected its proposals and a reviewer has accepted them, this says how many cells they left as they were."
            : `${plural(corrections.predictions, "image")} predicted; none of the corrections has been accepted yet.`}
        </Text>
      ) : (
        <Counted corrections={corrections} />
      )}
    </section>
  );
}

function Counted({ corrections }: { corrections: Corrections }) {
  return (
    <>
      <div className={classes.stack} role="img" aria-label={PARTS.map(({ key, word }) => `${corrections[key]} ${word}`).join(", ")}>
        {PARTS.map(({ key, colour }) => corrections[key] > 0 && <span key={key} style={{ flexGrow: corrections[key], "--part": colour }} />)}
      </div>
      <div className={classes.legend}>
        {PARTS.map(({ key, word, colour }) => (
          <span key={key} className="num">
            <i style={{ "--part": colour }} aria-hidden />
            {corrections[key]} {word}
          </span>
        ))}
      </div>
      <Text size="sm" c="dimmed" mt={8}>
        {corrections.kept_share !== null && `${Math.round(corrections.kept_share * 100)} % of ${plural(corrections.proposed_cells, "proposed cell")} needed nothing`} in {plural(corrections.accepted, "accepted image")} of{" "}
        {corrections.predictions}.
        {corrections.mean_changed_iou !== null && ` Changed cells kept ${Math.round(corrections.mean_changed_iou * 100)} % of their shape.`}
      </Text>
    </>
  );
}
