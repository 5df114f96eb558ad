/** A file as the person picked it: its bytes, and its path inside the dropped folder. */
export interface PickedFile {
  path: string;
  file: File;
}

const LITTER = /(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)/i;

/** What operating systems leave in folders is not worth a refusal. */
export const isLitter = (path: string): boolean => LITTER.test(path);

/** Files of an `<input type=file>`, with or without `webkitdirectory`. */
export function filesOfInput(files: FileList): PickedFile[] {
  return Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, file })).filter(({ path }) => !isLitter(path));
}

/** Files and folders of a drop. The entries must be taken before the event ends, hence no `await` before `map`. */
export async function filesOfDrop(items: DataTransferItemList): Promise<PickedFile[]> {
  const entries = Array.from(items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const found = await Promise.all(entries.map(filesOfEntry));
  return found.flat().filter(({ path }) => !isLitter(path));
}

async function filesOfEntry(entry: FileSystemEntry): Promise<PickedFile[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed));
    return [{ path, file }];
  }
  const inside: PickedFile[] = [];
  for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) inside.push(...(await filesOfEntry(child)));
  return inside;
}

/** A directory reader hands out at most a hundred entries at a time. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) return children;
    children.push(...some);
  }
}

/** Later picks replace earlier ones of the same path. */
export function addFiles(present: readonly PickedFile[], more: readonly PickedFile[]): PickedFile[] {
  const byPath = new Map([...present, ...more].map((picked) => [picked.path, picked]));
  return [...byPath.values()];
}
