import { useState } from "react";
import type { Dataset } from "@/api/datasets";
import { plural } from "@/lib/format";
import { useQueryValue } from "@/ui/use-address";
import { LEARNED, type LinkSettings, type Model, type PredictOrder } from "./queries";
import { BY_ITSELF, readingSettings, type Reading } from "./reading";

/** In place of a model: the cells are outlined already and only to be linked. */
export const NO_MODEL = "none";

/** Models that outline single cells, which can then be followed. */
const OUTLINING = ["instances", "detect"];

/** What the form holds, and the order it makes; null while something is missing. */
export function usePredictionOrder(projectId: string, models: readonly Model[], datasets: readonly Dataset[]) {
  const [modelAsked] = useQueryValue("model");
  const [imagesAsked] = useQueryValue("images");
  const [datasetAsked] = useQueryValue("dataset");
  const [branchAsked] = useQueryValue("branch");
  const [picked, setPicked] = useState<string | null>(null);
  const [dataset, setDatasetAlone] = useState<string | null>(datasetAsked ?? onlyOne(datasets));
  const [images, setImagesAlone] = useState<readonly string[]>(imagesAsked?.split(",") ?? []);
  const [reading, setReading] = useState<Reading>(BY_ITSELF);
  const [tasks, setTasks] = useState(true);
  const [linksWanted, setLinksWanted] = useState(true);
  const [fast, setFast] = useState(false);
  const [link, setLinkSettings] = useState<LinkSettings>({});
  const [linkerId, setLinkerId] = useState<string | null>(null);
  // Without a wish: the newest of one's own, and a starter model only while there is none.
  const modelId = picked ?? modelAsked ?? (models.find((one) => !one.starter) ?? models[0])?.id ?? NO_MODEL;
  const model = models.find((one) => one.id === modelId);
  const linksOnly = modelId === NO_MODEL;
  // Linkers that were trained in this project, and the one that is chosen.
  const trainedLinkers = models.filter((one) => one.recipe === LEARNED);
  const linker = trainedLinkers.find((one) => one.id === linkerId);
  // What was said of some images and a model means nothing for others.
  const setModel = (value: string | null) => {
    setPicked(value);
    setReading(BY_ITSELF);
  };
  const setDataset = (value: string | null) => {
    setDatasetAlone(value);
    setReading(BY_ITSELF);
  };
  const setImages = (value: readonly string[]) => {
    setImagesAlone(value);
    setReading(BY_ITSELF);
  };
  const setLink = (values: LinkSettings, trained: string | null) => {
    setLinkSettings(values);
    setLinkerId(trained);
  };
  // A model that was scored on averaged copies can also read each picture once.
  const offersFast = model?.settings.flips === true;
  const branch = linksOnly && images.length === 1 ? branchAsked : undefined;
  const what = images.length > 0 ? plural(images.length, "image") : datasets.find((one) => one.id === dataset)?.name;
  const chosen = images.length > 0 || dataset !== null;
  const shared = { project: projectId, dataset: images.length > 0 ? null : dataset, image_ids: [...images], make_tasks: tasks };
  const order: PredictOrder | null = !chosen
    ? null
    : linksOnly
      ? { ...shared, recipe: linker ? LEARNED : "link", trained_model: linker?.id ?? null, branch: branch ?? null, settings: { ...link }, name: `Tracks of ${what}` }
      : model
        ? { ...shared, recipe: model.recipe, trained_model: model.id, settings: { ...(offersFast && fast ? { flips: false } : {}), ...readingSettings(reading) }, name: `${model.name} v${model.version} on ${what}` }
        : null;
  /** The order with links where they are wanted and the images are movies. */
  const withLinks = (movies: number): PredictOrder | null => (order && !linksOnly && links(movies) ? { ...order, link: { ...link }, link_model: linker?.id ?? null } : order);
  const offersLinks = (movies: number) => !linksOnly && movies > 0 && model !== undefined && OUTLINING.includes(model.recipe);
  const links = (movies: number) => offersLinks(movies) && linksWanted;
  const missing = !chosen ? (datasets.some(holdsImages) ? "Choose the images first." : "The project has no images yet: bring some in first.") : !linksOnly && !model ? "Choose a model first." : null;
  return { order, missing, reading, setReading, withLinks, offersLinks, links, linksOnly, offersFast, fast, setFast, linksWanted, setLinksWanted, link, setLink, linker, trainedLinkers, branch, modelId, setModel, dataset, setDataset, images, setImages, tasks, setTasks };
}

const holdsImages = ({ image_count }: Dataset) => image_count > 0;

/** The dataset that is meant where there is no other. */
function onlyOne(datasets: readonly Dataset[]): string | null {
  const held = datasets.filter(holdsImages);
  return held.length === 1 ? (held[0]?.id ?? null) : null;
}
