/** What the editor's page needs first is asked for while its code is still on the way. */
import type { QueryClient } from "@tanstack/react-query";
import { branchQuery, imageQuery } from "./images";

interface GroupMetadata {
  readonly attributes?: { readonly ome?: { readonly multiscales?: readonly { readonly datasets: readonly { readonly path: string }[] }[] } };
}

/** Facts, branch and metadata of an image. Never fails: the page asks again and says why. */
export async function fetchImageAhead(queries: QueryClient, image: string, branchAsked: string | undefined): Promise<void> {
  await Promise.all([fetchFactsAhead(queries, image, branchAsked), fetchStoreAhead(image).catch(() => undefined)]);
}

async function fetchFactsAhead(queries: QueryClient, image: string, branchAsked: string | undefined): Promise<void> {
  if (branchAsked) void queries.prefetchQuery(branchQuery(branchAsked));
  const facts = await queries.fetchQuery(imageQuery(image)).catch(() => null);
  if (facts?.current_branch && !branchAsked) void queries.prefetchQuery(branchQuery(facts.current_branch.id));
}

/** The browser keeps the answers for whoever opens the store. */
async function fetchStoreAhead(image: string): Promise<void> {
  const store = `/api/v1/images/${encodeURIComponent(image)}/zarr`;
  const group = (await (await fetch(`${store}/zarr.json`)).json()) as GroupMetadata;
  const paths = group.attributes?.ome?.multiscales?.[0]?.datasets.map(({ path }) => path) ?? [];
  await Promise.all(paths.map((path) => fetch(`${store}/${path}/zarr.json`)));
}
