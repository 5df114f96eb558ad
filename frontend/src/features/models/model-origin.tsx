import { Anchor, Collapse, Table } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { recipesQuery, tellSetting, type Recipe, type SettingValue } from "@/api/recipes";
import { addresses } from "@/lib/addresses";
import { formatBytes, formatDateTime, plural } from "@/lib/format";
import { TextLink } from "@/ui/link";
import classes from "./models.module.css";
import { modelQuery, snapshotItemsQuery } from "./queries";
import type { TrainedModelDetail } from "./types";

/** All that is needed to make the model again, or to cite it. */
export function ModelOrigin({ model }: { model: TrainedModelDetail }) {
  const { snapshot } = model;
  const settings = Object.entries(model.settings) as [string, SettingValue][];
  const recipe = useQuery(recipesQuery).data?.find((one) => one.name === model.recipe);
  return (
    <section aria-labelledby="origin">
      <h2 className={classes.title} id="origin">
        Where it comes from
      </h2>
      <dl className={classes.facts}>
        <dt>Recipe</dt>
        <dd>{recipe?.title ?? model.recipe}</dd>
        {snapshot && (
          <>
            <dt>Snapshot</dt>
            <dd>
              {snapshot.name} <code title={snapshot.digest}>{snapshot.digest.slice(0, 12)}</code>
            </dd>
            <dt>Images</dt>
            <dd>{(["train", "validation", "test"] as const).map((split) => `${snapshot.counts[split]?.images ?? 0} ${split}`).join(", ")}</dd>
          </>
        )}
        {model.job && (
          <>
            <dt>Training</dt>
            <dd>
              <TextLink to={addresses.job(model.project, model.job)} size="sm">
                its curves, examples and log
              </TextLink>
            </dd>
          </>
        )}
        {typeof model.summary.device === "string" && (
          <>
            <dt>Learned on</dt>
            <dd>
              {model.summary.device}
              {typeof model.summary.steps === "number" && `, ${plural(model.summary.steps, "step")}`}
            </dd>
          </>
        )}
        {model.starter && (
          <>
            <dt>Training</dt>
            <dd>before it was shipped, on the sets named above</dd>
          </>
        )}
        {model.parent && (
          <>
            <dt>Continues</dt>
            <dd>
              <Parent project={model.project} id={model.parent} />
            </dd>
          </>
        )}
        <dt>Seed</dt>
        <dd>{model.seed}</dd>
        <dt>Code</dt>
        <dd>
          <code>{model.code_version}</code>
        </dd>
        <dt>Weights</dt>
        <dd>
          {formatBytes(model.size_bytes)} <code title={model.weights_digest}>{model.weights_digest.slice(0, 12)}</code>
        </dd>
        <dt>Made</dt>
        <dd>
          {formatDateTime(model.created_at)}
          {model.created_by && ` by ${model.created_by}`}
        </dd>
        <dt>Settings</dt>
        <dd>{settings.length === 0 ? "as recommended" : settings.map(([name, value]) => sayOf(recipe, name, value)).join(" · ")}</dd>
      </dl>
      {snapshot && <SnapshotImages project={model.project} snapshot={snapshot.id} count={snapshot.counts.all?.images ?? 0} />}
    </section>
  );
}

/** "Crop: 160"; empty lists and nulls mean that the recipe found the value by itself. */
function sayOf(recipe: Recipe | undefined, name: string, value: SettingValue): string {
  const { title, said } = tellSetting(recipe, name, value);
  return `${title}: ${value === null || (Array.isArray(value) && value.length === 0) ? "by itself" : said}`;
}

function Parent({ project, id }: { project: string; id: string }) {
  const parent = useQuery(modelQuery(id)).data;
  return (
    <TextLink to={addresses.model(project, id)} size="sm">
      {parent ? `${parent.name} v${parent.version}` : "an earlier model"}
    </TextLink>
  );
}

function SnapshotImages({ project, snapshot, count }: { project: string; snapshot: string; count: number }) {
  const [opened, { toggle }] = useDisclosure(false);
  const items = useQuery({ ...snapshotItemsQuery(snapshot), enabled: opened }).data ?? [];
  return (
    <div style={{ marginTop: 12 }}>
      <Anchor component="button" type="button" size="sm" aria-expanded={opened} onClick={toggle}>
        {opened ? "Hide the images" : `The ${plural(count, "image")} of the snapshot`}
      </Anchor>
      <Collapse expanded={opened}>
        <div style={{ maxHeight: 320, overflowY: "auto" }}>
          <Table verticalSpacing={3} aria-label="Images of the snapshot" mt="xs">
            <Table.Tbody>
              {items.map((item) => (
                <Table.Tr key={item.image_id}>
                  <Table.Td>
                    <TextLink to={addresses.annotate(project, item.image_id, item.branch ? { branch: item.branch } : {})} search={item.branch ? { branch: item.branch, revision: String(item.revision) } : {}} size="sm">
                      {item.name}
                    </TextLink>
                  </Table.Td>
                  <Table.Td className="num">{item.revision == null ? "image alone" : `revision ${item.revision}`}</Table.Td>
                  <Table.Td>{item.split}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      </Collapse>
    </div>
  );
}
