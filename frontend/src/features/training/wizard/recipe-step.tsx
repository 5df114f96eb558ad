import { Anchor, Box, Collapse, SimpleGrid, Skeleton, Stack, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { classesQuery } from "@/api/projects";
import { tellSetting } from "@/api/recipes";
import { ErrorNotice } from "@/ui/error-notice";
import { fieldsOf, type Field } from "@/ui/setting-fields";
import { SettingsForm } from "@/ui/settings-form";
import { channelsQuery, hasMoviesQuery, recipesQuery } from "../queries";
import type { Recipe, SettingValue } from "../types";
import { settingsFor, withSetting, type Plan } from "./plan";
import { RecipePicture } from "./recipe-picture";
import classes from "./wizard.module.css";

interface RecipeStepProps {
  projectId: string;
  plan: Plan;
  onChange: (change: Partial<Plan>) => void;
}

export function RecipeStep({ projectId, plan, onChange }: RecipeStepProps) {
  const recipes = useQuery(recipesQuery);
  const chosen = recipes.data?.find((recipe) => recipe.name === plan.recipe);
  const hasMovies = useQuery({ ...hasMoviesQuery(plan.datasets, plan.images), enabled: plan.datasets.length + plan.images.length > 0 }).data ?? false;
  // Links are learnt of movies; where there is none, the recipe would find nothing to learn from.
  const offered = recipes.data?.filter((recipe) => recipe.learns && (recipe.makes !== "tracks" || hasMovies || recipe === chosen));
  if (recipes.isPending) return <Skeleton height={120} />;
  return (
    <Stack gap="md">
      <ErrorNotice error={recipes.error} onRetry={() => void recipes.refetch()} />
      <SimpleGrid cols={{ base: 1, sm: 2 }} role="radiogroup" aria-label="Recipe">
        {offered?.map((recipe) => (
          <RecipeCard key={recipe.name} recipe={recipe} chosen={recipe === chosen} onChoose={() => onChange({ recipe: recipe.name })} />
        ))}
      </SimpleGrid>
      {chosen && <Settings projectId={projectId} recipe={chosen} plan={plan} onChange={onChange} />}
    </Stack>
  );
}

function RecipeCard({ recipe, chosen, onChoose }: { recipe: Recipe; chosen: boolean; onChoose: () => void }) {
  return (
    <UnstyledButton className={classes.card} role="radio" aria-checked={chosen} aria-label={recipe.title} onClick={onChoose}>
      <RecipePicture recipe={recipe.name} />
      <Text fw={600} mt={8}>
        {recipe.title}
      </Text>
      <Text size="sm" c="dimmed" mt={2}>
        {recipe.description}
      </Text>
    </UnstyledButton>
  );
}

/** Good for most images as they are; folded away until somebody wants to know. */
function Settings({ projectId, recipe, plan, onChange }: RecipeStepProps & { recipe: Recipe }) {
  const [opened, { toggle }] = useDisclosure(false);
  const values = settingsFor(recipe, plan.settings);
  const isAsked = (field: Field) => field.kind === "words" && field.offers === "channels";
  const asked = fieldsOf(recipe).filter(isAsked);
  const folded = fieldsOf(recipe).filter((field) => !isAsked(field));
  const changed = folded.filter((field) => field.name in values);
  const channels = useQuery({ ...channelsQuery(plan.datasets, plan.images), enabled: asked.length > 0 && plan.datasets.length + plan.images.length > 0 }).data ?? [];
  const known = useQuery(classesQuery(projectId)).data ?? [];
  const offers = { channels, classes: known.filter(({ archived }) => !archived).map(({ name }) => name) };
  const form = { values, offers, onChange: (name: string, value: SettingValue) => onChange(withSetting(plan, recipe, name, value)) };
  return (
    <div>
      {asked.length > 0 && (
        <Box mb="md">
          <SettingsForm fields={asked} {...form} />
        </Box>
      )}
      <Anchor component="button" type="button" size="sm" aria-expanded={opened} onClick={toggle}>
        {opened ? "Hide the settings" : "Settings"}
      </Anchor>
      <Text span size="sm" c="dimmed">
        {" "}
        {changed.length === 0 ? "all as recommended" : changed.map((field) => `${field.title}: ${tellSetting(recipe, field.name, values[field.name]).said}`).join(" · ")}
      </Text>
      <Collapse expanded={opened} mt="md">
        <SettingsForm fields={folded} {...form} />
      </Collapse>
    </div>
  );
}
