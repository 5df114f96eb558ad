import { Menu, UnstyledButton } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { addresses } from "@/lib/addresses";
import { TextLink } from "@/ui/link";
import { useBench } from "../bench/bench-context";
import { useEditorState } from "../use-editor";
import classes from "./side.module.css";

const classifiersQuery = (project: string) =>
  queryOptions({
    queryKey: ["trained-models", { project, classifiers: true }],
    queryFn: async () => (await data(api.GET("/api/v1/trained-models/", { params: { query: { project } } }))).results.filter((model) => model.recipe === "classify"),
    staleTime: 60_000,
  });

/** Leads from a cell to what a classifier sees in it: the saliency, and the training cells most like it. Nothing where no classifier is. */
export function WhyLink({ cell }: { cell: number }) {
  const { project, image, branch, revision } = useBench();
  const t = useEditorState((state) => state.t);
  const z = useEditorState((state) => state.z);
  const models = useQuery(classifiersQuery(project)).data ?? [];
  const first = models.find((model) => `${model.name} v${model.version}` === branch.name) ?? models[0];
  if (!first) return null;
  const number = revision ?? branch.head_number;
  const at = (model: string) => addresses.explain(project, model, { image: image.id, t, z, cell, ...(number > 0 && { branch: branch.id, revision: number }) });
  const title = "What the classifier looks at in this cell, and the training cells most like it";
  if (models.length === 1) {
    return (
      <TextLink to={at(first.id)} size="xs" title={title} target="_blank">
        Why this class?
      </TextLink>
    );
  }
  return (
    <Menu position="top-start" withinPortal>
      <Menu.Target>
        <UnstyledButton className={classes.small} title={title} td="underline">
          Why this class?
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Ask the classifier</Menu.Label>
        {models.map((model) => (
          <Menu.Item key={model.id} component="a" href={at(model.id)} target="_blank">
            {model.name} v{model.version}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
