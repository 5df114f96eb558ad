/** What members may do, the strongest first. */
export const ROLES = ["OWNER", "MANAGER", "REVIEWER", "ANNOTATOR", "VIEWER", "GUEST"] as const;
export type Role = (typeof ROLES)[number];

export const ROLE_NAMES: Record<Role, string> = {
  OWNER: "Owner",
  MANAGER: "Manager",
  REVIEWER: "Reviewer",
  ANNOTATOR: "Annotator",
  VIEWER: "Viewer",
  GUEST: "Guest",
};

export const ROLE_SENTENCES: Record<Role, string> = {
  OWNER: "Everything, and decides who is in the team.",
  MANAGER: "Brings in images, hands out tasks, trains models, defines classes, exports.",
  REVIEWER: "Labels, and accepts or returns the work of others.",
  ANNOTATOR: "Labels and corrects, and submits the work for review.",
  VIEWER: "Sees everything, changes nothing.",
  GUEST: "Sees only the projects that are opened to them, and does there what each project says.",
};

export function mayAtLeast(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && ROLES.indexOf(role) <= ROLES.indexOf(needed);
}
