/** Every address of the pages, in one place, so that features can point at each other without importing each other. */


type Query = Record<string, string | number | boolean | undefined | null>;

function withQuery(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = given.map(([key, value]) => `${key}=${encodeURIComponent(String(value)).replaceAll("%2C", ",")}`).join("&");
  return text ? `${path}?${text}` : path;
}

/** What is chosen for a job or for tasks: some images, or a whole dataset. */
export interface Choice {
  images?: readonly string[];
  dataset?: string;
}

const chosen = (choice: Choice): Query => ({ images: choice.images?.join(","), dataset: choice.dataset });
const inProject = (project: string, rest = "") => `/projects/${project}${rest}`;

export const addresses = {
  home: () => "/",
  signIn: (next?: string) => withQuery("/sign-in", { next }),
  invitation: (token: string) => `/invitations/${token}`,
  account: () => "/account",
  teams: () => "/teams",
  team: (team: string) => `/teams/${team}`,

  project: (project: string) => inProject(project),
  projectSettings: (project: string) => inProject(project, "/settings"),
  classes: (project: string) => inProject(project, "/classes"),
  audit: (project: string, query: { dataset?: string; image?: string; person?: string } = {}) => withQuery(inProject(project, "/audit"), query),
  datasets: (project: string) => inProject(project, "/datasets"),
  dataset: (project: string, dataset: string, query: Query = {}) =>
    withQuery(inProject(project, `/datasets/${dataset}`), query),
  upload: (project: string, dataset: string) => inProject(project, `/datasets/${dataset}/upload`),
  releases: (project: string, dataset: string, query: { release?: string; against?: string } = {}) => withQuery(inProject(project, `/datasets/${dataset}/releases`), query),
  exports: (project: string, dataset: string) => inProject(project, `/datasets/${dataset}/exports`),

  annotate: (project: string, image: string, query: { t?: number; z?: number; branch?: string; task?: string; cell?: number; fix?: boolean } = {}) =>
    withQuery(inProject(project, `/annotate/${image}`), query),
  /** Two states of an image's labels side by side; a branch without a revision is as it is now. */
  compare: (project: string, image: string, query: { base?: string; baseRevision?: number; target?: string; targetRevision?: number; rating?: string } = {}) =>
    withQuery(inProject(project, `/compare/${image}`), query),
  movie: (project: string, image: string, query: { branch?: string } = {}) => withQuery(inProject(project, `/images/${image}`), query),
  tasks: (project: string, query: { state?: string; kind?: string; mine?: boolean } = {}) =>
    withQuery(inProject(project, "/tasks"), query),
  newTasks: (project: string, choice: Choice) => withQuery(inProject(project, "/tasks/new"), chosen(choice)),
  campaigns: (project: string) => inProject(project, "/crowd"),
  newCampaign: (project: string, query: { dataset?: string; images?: string; branch?: string; branches?: string; kind?: string } = {}) => withQuery(inProject(project, "/crowd/new"), query),
  campaign: (project: string, campaign: string, query: { part?: string } = {}) => withQuery(inProject(project, `/crowd/${campaign}`), query),
  reviews: (project: string, order?: string) => withQuery(inProject(project, "/review"), { order }),
  agreement: (project: string) => inProject(project, "/agreement"),
  throughput: (project: string) => inProject(project, "/throughput"),
  comments: (project: string) => inProject(project, "/comments"),
  review: (project: string, task: string, order?: string) => withQuery(inProject(project, `/review/${task}`), { order }),
  training: (project: string) => inProject(project, "/training"),
  newTraining: (project: string, choice: Choice = {}) => withQuery(inProject(project, "/training/new"), chosen(choice)),
  job: (project: string, job: string) => inProject(project, `/training/${job}`),
  models: (project: string) => inProject(project, "/models"),
  model: (project: string, model: string) => inProject(project, `/models/${model}`),
  /** Why a classifier tells the class of a cell, on the labels of a branch at a revision. */
  explain: (project: string, model: string, { image, t, z, cell, branch, revision }: { image: string; t: number; z: number; cell: number; branch?: string; revision?: number }) =>
    `${withQuery(inProject(project, `/models/${model}`), { why: [image, t, z, cell, ...(branch ? [branch, ...(revision ? [revision] : [])] : [])].join(",") })}#looks`,
  explore: (project: string, query: { dataset?: string; model?: string } = {}) => withQuery(inProject(project, "/explore"), query),
  atlas: (project: string, atlas: string) => inProject(project, `/explore/${atlas}`),
  predictions: (project: string) => inProject(project, "/predictions"),
  newPrediction: (project: string, choice: Choice & { model?: string } = {}) =>
    withQuery(inProject(project, "/predictions/new"), { ...chosen(choice), model: choice.model }),
  /** The same form, for cells that are outlined already; of a branch where one is named. */
  trackCells: (project: string, choice: Choice & { branch?: string } = {}) =>
    withQuery(inProject(project, "/predictions/new"), { ...chosen(choice), model: "none", branch: choice.branch }),
} as const;
