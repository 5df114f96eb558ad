/** What the server answers about one image and its labels, as far as this page reads it. */

export interface Image {
  id: string;
  name: string;
  dataset: string;
  project: string;
  size_t: number;
  size_c: number;
  size_z: number;
  size_y: number;
  size_x: number;
  channel_names: string[];
  pixel_size_y_um: number | null;
  frame_interval_s: number | null;
  current_branch: string;
  state: string;
}

export interface Branch {
  id: string;
  image: string;
  name: string;
  origin: "PERSON" | "IMPORT" | "MODEL";
  head_number: number;
}

export interface Revision {
  number: number;
  kind: "EDIT" | "IMPORT" | "PREDICTION" | "RESTORE";
  author: { id: string; name: string } | null;
  author_model: string | null;
  message: string;
  edit_count: number;
  created_at: string;
  accepted_at: string | null;
}

export interface LabelClass {
  id: string;
  name: string;
  color: string;
  position: number;
}

export interface Note {
  id: string;
  t: number;
  z: number;
  y: number | null;
  x: number | null;
  cell: number | null;
  text: string;
  author: { id: string; name: string } | null;
  created_at: string;
  resolved_at: string | null;
}

export interface Task {
  id: string;
  kind: "LABEL" | "CORRECT";
  title: string;
  state: "OPEN" | "ASSIGNED" | "SUBMITTED" | "ACCEPTED" | "RETURNED" | "CANCELLED";
  image: string;
  branch: string;
  base_revision: number | null;
  submitted_revision: number | null;
  assignee: { id: string; name: string } | null;
}

export interface ListedCell {
  cell: number;
  class: string | null;
  mother: number | null;
  quality: number | null;
  first: number | null;
  last: number | null;
}

/** One cell in one frame that differs between the base of a task and what was handed in. */
export interface ChangedCell {
  kind: "ADDED" | "REMOVED" | "CHANGED";
  cell: number;
  t: number;
  z: number;
  iou: number | null;
  y: number | null;
  x: number | null;
}
