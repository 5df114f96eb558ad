/** What an image's store says of itself is fetched while the page's own code is still on its way; it is kept by the browser. */

interface GroupMetadata {
  readonly attributes?: { readonly ome?: { readonly multiscales?: readonly { readonly datasets: readonly { readonly path: string }[] }[] } };
}

/** Never fails: whoever needs the metadata asks again and is told. */
export async function fetchImageAhead(image: string): Promise<void> {
  const store = `/api/v1/images/${encodeURIComponent(image)}/zarr`;
  try {
    const group = (await (await fetch(`${store}/zarr.json`)).json()) as GroupMetadata;
    const paths = group.attributes?.ome?.multiscales?.[0]?.datasets.map(({ path }) => path) ?? [];
    await Promise.all(paths.map((path) => fetch(`${store}/${path}/zarr.json`)));
  } catch {
    // no network, or nothing here for this person: the page says so
  }
}
