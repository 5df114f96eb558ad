import type { Schema } from "@/api/types";

export type Export = Schema["ExportOut"];

export const FORMATS: readonly { value: Export["format"]; name: string; sentence: string }[] = [
  { value: "LABEL_TIFF", name: "Label TIFF", sentence: "One label image per image, cell ids as pixel values. For scripts, Fiji, napari, Cellpose." },
  { value: "OME_TIFF", name: "OME-TIFF", sentence: "Label images with axes, pixel sizes and channel names in the header." },
  { value: "CTC", name: "Cell Tracking Challenge", sentence: "Frames, tracks and divisions in the layout that trackers and scorers read." },
  { value: "COCO", name: "COCO", sentence: "One JSON with the outline, box and class of every cell. For detection models." },
];

export const formatName = (format: Export["format"]): string => FORMATS.find((one) => one.value === format)?.name ?? format;
