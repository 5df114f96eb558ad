import { queryOptions } from "@tanstack/react-query";
import { call } from "./loose";

export interface Project {
  id: string;
  name: string;
  description: string;
}

/** The project whose pages are open; its name stands in the header of all of them. */
export const projectQuery = (id: string) =>
  queryOptions({ queryKey: ["projects", id], queryFn: () => call<Project>("GET", `projects/${id}/`) });
