import { Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { isApiError } from "@/api/errors";
import { ErrorNotice } from "@/ui/error-notice";
import { useQueryValue } from "@/ui/use-address";
import shared from "../models.module.css";
import type { TrainedModelDetail } from "../types";
import { ExplainedCell } from "./explained-cell";
import classes from "./looks.module.css";
import { cropAddress, modelCellsQuery, readSpot, spotOf, writeSpot, type RememberedCell } from "./queries";

/** What a classifier looks at: its worst and best cells of each class, and why the chosen one was told so. Nothing for other models. */
export function LooksPart({ model }: { model: TrainedModelDetail }) {
  return model.recipe === "classify" ? <Looks model={model} /> : null;
}

function Looks({ model }: { model: TrainedModelDetail }) {
  const query = useQuery(modelCellsQuery(model.id));
  const [why, setWhy] = useQueryValue("why");
  const forgotten = isApiError(query.error, "nothing_remembered");
  const first = query.data?.flatMap((one) => [...one.worst, ...one.best])[0];
  const spot = readSpot(why) ?? (first ? spotOf(first) : null);
  const chosen = spot && writeSpot(spot);
  return (
    <section aria-labelledby="looks" className={classes.part}>
      <h2 className={shared.title} id="looks">
        What it looks at
      </h2>
      {query.isPending && <Skeleton height={220} />}
      {forgotten && (
        <Text size="sm" c="dimmed">
          This model was trained before cells were kept with it. Train it again to see its best and worst cells here.
        </Text>
      )}
      {query.error && !forgotten && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
      <div className={classes.columns}>
        <div>
          {query.data?.map((one) => (
            <div key={one.name} className={classes.row}>
              <span className={classes.name} title={one.name}>
                {one.name}
              </span>
              <Crops words="Least sure of" cells={one.worst} model={model.id} chosen={chosen} onChoose={setWhy} />
              <Crops words="Surest of" cells={one.best} model={model.id} chosen={chosen} onChoose={setWhy} />
            </div>
          ))}
        </div>
        {spot && <ExplainedCell key={chosen} model={model.id} project={model.project} spot={spot} />}
      </div>
    </section>
  );
}

interface CropsProps {
  words: string;
  cells: readonly RememberedCell[];
  model: string;
  chosen: string | null;
  onChoose: (why: string) => void;
}

function Crops({ words, cells, model, chosen, onChoose }: CropsProps) {
  if (cells.length === 0) return null;
  return (
    <>
      <Text size="xs" c="dimmed">
        {words}
      </Text>
      <ul className={classes.crops}>
        {cells.map((cell) => {
          const at = writeSpot(spotOf(cell));
          const told = cell.told === cell.truth ? "" : `, told ${cell.told}`;
          return (
            <li key={at}>
              <button type="button" className={classes.crop} aria-pressed={at === chosen} onClick={() => onChoose(at)} title={`${cell.image_name}, cell ${cell.cell}: ${cell.truth}${told}`}>
                <img src={cropAddress(model, spotOf(cell))} alt={`Cell ${cell.cell} of ${cell.image_name}${told}`} loading="lazy" />
                <span className="num">{cell.sure.toFixed(2)}</span>
                {told && " ✕"}
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
