/** What the server answers about one image and its labels, as far as this page reads it. */

export interface Person {
  id: string;
  name: string;
}

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
  current_branch: { id: string; name: string; head_number: number } | null;
  state: string;
}

export interface Branch {
  id: string;
  image: string;
  name: string;
  origin: "PERSON" | "IMPORT" | "MODEL";
  author_name: string;
  head_number: number;
  is_current: boolean;
}

export interface Revision {
  number: number;
  kind: "EDIT" | "IMPORT" | "PREDICTION" | "RESTORE";
  author: Person | null;
  author_model_name: string;
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
  author: Person | null;
  created_at: string;
  resolved_at: string | null;
}

export interface Task {
  id: string;
  kind: "LABEL" | "CORRECT";
  title: string;
  state: "OPEN" | "ASSIGNED" | "SUBMITTED" | "ACCEPTED" | "RETURNED" | "CANCELLED";
  image: { id: string; name: string };
  branch: { id: string; name: string };
  base_number: number | null;
  submitted_number: number | null;
  assignee: Person | null;
}

export interface ListedCell {
  cell: number;
  facts: { class: string | null; mother: number | null; quality: number | null };
  first_t: number | null;
  last_t: number | null;
}

/** One cell in one frame that differs between the base of a task and what was handed in; facts have no frame. */
export interface ChangedCell {
  cell: number;
  change: "ADDED" | "REMOVED" | "CHANGED" | "FACTS";
  t: number | null;
  z: number | null;
  iou: number | null;
  y: number | null;
  x: number | null;
}
