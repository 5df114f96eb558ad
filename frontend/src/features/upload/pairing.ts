/**
 * A preview of what the importer will make of the picked paths, by name alone: which are images, which are the
 * labels of which image, which it will refuse. The server decides by content; this only spares surprises.
 */
export type Part = "image" | "labels" | "table" | "told" | "unknown";

export interface FoundFile {
  path: string;
  part: Part;
  /** The image that labels belong to, by path; null when none is here. */
  of: string | null;
}

export interface Preview {
  files: FoundFile[];
  images: number;
  labelled: number;
  /** Paths of labels without an image, and of files of no known kind. */
  strays: string[];
}

const PICTURE = /\.(tiff?|png|jpe?g|npy|npz|zip)$/i;
const LABEL_FOLDER = /^(masks?|labels?)$/i;
const LABEL_SUFFIX = /[_-](masks?|labels?|cp_masks)$/i;
const TRUTH_FOLDER = /^(.+)_(GT|ST|RES|ERR_SEG)$/;
/** Boxes (Pascal VOC, COCO) and tables of classes: the server reads what they say and of which images. */
const TOLD = /\.(xml|json|csv|tsv)$/i;
/** Tracks of other programs: ImageJ's regions in a zip, a graph (GEFF), the other channels of a challenge's sequence. */
const TRACKS = /([_-](rois?|roiset|tracks?)\.zip|\.geff\/.*|(^|\/)\d{2,}_(C\d+\/.*|channels\.txt))$/i;
const TRACKS_WORD = /([_-](rois?|roiset|tracks?|spots)|\.geff|_C\d+|_channels)$/i;
const TRUTH_TABLE = /^(man|res)_track\.txt$/i;

interface Named {
  path: string;
  folders: string[];
  stem: string;
}

export function previewOf(paths: readonly string[]): Preview {
  const named = new Map(paths.map((path) => [path, nameOf(path)]));
  const images = paths.filter((path) => PICTURE.test(path) && !TRACKS.test(path) && !looksLikeLabels(named.get(path) as Named));
  const index = indexOf(images.map((path) => named.get(path) as Named));
  const files = paths.map((path) => judge(named.get(path) as Named, index));
  const owned = new Set(files.filter((file) => file.of).map((file) => sequenceOf(named.get(file.of as string) as Named)));
  return {
    files,
    images: index.sequences.size,
    labelled: owned.size,
    strays: files.filter((file) => file.part === "unknown" || (file.part === "labels" && !file.of)).map((file) => file.path),
  };
}

function nameOf(path: string): Named {
  const folders = path.split("/");
  const file = folders.pop() as string;
  return { path, folders, stem: file.replace(/\.(ome\.)?[^.]+$/i, "") };
}

function looksLikeLabels({ folders, stem }: Named): boolean {
  return folders.some((folder) => LABEL_FOLDER.test(folder) || TRUTH_FOLDER.test(folder)) || LABEL_SUFFIX.test(stem);
}

interface Index {
  byStem: Map<string, string>;
  /** By stem alone, wherever it lies. */
  byName: Map<string, string>;
  byFolder: Map<string, string[]>;
  sequences: Set<string>;
}

const FRAME = /^t\d{3,4}$/;

/** Frames t000, t001 … of one folder are one image; every other file is one of its own. */
function sequenceOf({ folders, stem, path }: Named): string {
  return FRAME.test(stem) ? folders.join("/") : path;
}

function indexOf(images: readonly Named[]): Index {
  const index: Index = { byStem: new Map(), byName: new Map(), byFolder: new Map(), sequences: new Set() };
  for (const image of images) {
    index.byStem.set(`${placeOf(image.folders)}|${image.stem}`, image.path);
    index.byName.set(image.stem, image.path);
    const folder = image.folders.join("/");
    const beside = index.byFolder.get(folder);
    if (beside) beside.push(image.path);
    else index.byFolder.set(folder, [image.path]);
    index.sequences.add(sequenceOf(image));
  }
  return index;
}

/** The folder that an `images`, `masks` or `labels` folder stands in. */
function placeOf(folders: readonly string[]): string {
  const last = folders.at(-1) ?? "";
  return (/^images?$/i.test(last) || LABEL_FOLDER.test(last) ? folders.slice(0, -1) : folders).join("/");
}

function judge(file: Named, index: Index): FoundFile {
  const { path, folders } = file;
  const truth = folders.findIndex((folder) => TRUTH_FOLDER.test(folder));
  if (truth >= 0) {
    const sequence = [...folders.slice(0, truth), folders[truth].replace(TRUTH_FOLDER, "$1")].join("/");
    return { path, part: partOfTruth(path), of: index.byFolder.get(sequence)?.[0] ?? null };
  }
  if (TRACKS.test(path)) return { path, part: "told", of: index.byName.get(ownerOf(file)) ?? null };
  if (TOLD.test(path)) return { path, part: "told", of: index.byName.get(file.stem) ?? index.byName.get(file.stem.replace(TRACKS_WORD, "")) ?? null };
  if (!PICTURE.test(path)) return { path, part: "unknown", of: null };
  return looksLikeLabels(file) ? { path, part: "labels", of: imageOf(file, index) } : { path, part: "image", of: null };
}

/** `x` of `x_rois.zip` and of everything in `x.geff/`. */
function ownerOf({ folders, stem }: Named): string {
  return (folders.find((folder) => /\.geff$/i.test(folder)) ?? stem).replace(TRACKS_WORD, "");
}

function imageOf({ folders, stem }: Named, index: Index): string | null {
  const place = placeOf(folders);
  const same = index.byStem.get(`${place}|${stem}`) ?? index.byStem.get(`${place}|${stem.replace(LABEL_SUFFIX, "")}`);
  if (same || !LABEL_FOLDER.test(folders.at(-1) ?? "")) return same ?? null;
  // One folder an image, and in it one mask a nucleus, as the nuclei set of 2018 has it.
  const beside = index.byFolder.get(place ? `${place}/images` : "images") ?? [];
  return beside.length === 1 ? beside[0] : null;
}

const fileName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

function partOfTruth(path: string): Part {
  if (TRUTH_TABLE.test(fileName(path))) return "table";
  return PICTURE.test(path) ? "labels" : "unknown";
}
