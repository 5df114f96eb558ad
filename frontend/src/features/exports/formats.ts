import type { Schema } from "@/api/types";

export type Export = Schema["ExportOut"];

export const FORMATS: readonly { value: Export["format"]; name: string; sentence: string }[] = [
  { value: "LABEL_TIFF", name: "Label TIFF", sentence: "One label image per image, cell ids as pixel values. For scripts, Fiji, napari, Cellpose." },
  { value: "OME_TIFF", name: "OME-TIFF", sentence: "Label images with axes, pixel sizes and channel names in the header." },
  { value: "CTC", name: "Cell Tracking Challenge", sentence: "Frames, tracks and divisions in the layout that trackers and scorers read." },
  { value: "TRACKMATE", name: "TrackMate", sentence: "Spots with outlines, links and divisions as XML beside the image. For TrackMate and Mastodon." },
  { value: "GEFF", name: "GEFF", sentence: "The lineage as a graph in Zarr, with its label image. For motile, traccuracy, napari." },
  { value: "TRACK_TABLE", name: "Table of tracks", sentence: "CSV: cell, frame, mother, class, place and size. For scripts and spreadsheets." },
  { value: "IMAGEJ_ROI", name: "ImageJ ROIs", sentence: "Outlines of every cell in every frame as a zip for ImageJ’s ROI manager." },
  { value: "GEOJSON", name: "GeoJSON", sentence: "Outlines along the edges of pixels with holes, classes and what was said of cells. For QuPath and maps." },
  { value: "MEASURES", name: "Measurements", sentence: "Area, shape, light of each channel, neighbours and speed of every cell in every frame, as CSV and Parquet." },
  { value: "COCO", name: "COCO", sentence: "One JSON with the outline, box and class of every cell. For detection models." },
];

export const formatName = (format: Export["format"]): string => FORMATS.find((one) => one.value === format)?.name ?? format;
