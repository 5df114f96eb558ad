import { expect, it } from "vitest";
import { addFiles, filesOfDrop, isLitter } from "./picked-file";

const picked = (path: string, text = "x") => ({ path, file: new File([text], path) });

function fileEntry(fullPath: string): FileSystemEntry {
  return { isFile: true, isDirectory: false, fullPath, file: (done: (file: File) => void) => done(new File(["x"], fullPath)) } as unknown as FileSystemEntry;
}

/** Hands out its children two at a time, as browsers hand out a hundred. */
function folderEntry(fullPath: string, children: FileSystemEntry[]): FileSystemEntry {
  const createReader = () => {
    let given = 0;
    return { readEntries: (done: (some: FileSystemEntry[]) => void) => done(children.slice(given, (given += 2))) };
  };
  return { isFile: false, isDirectory: true, fullPath, createReader } as unknown as FileSystemEntry;
}

it("walks dropped folders to the end and leaves litter behind", async () => {
  const deep = folderEntry("/set/deep", ["c", "d", "e"].map((name) => fileEntry(`/set/deep/${name}.tif`)));
  const root = folderEntry("/set", [fileEntry("/set/a.tif"), fileEntry("/set/.DS_Store"), deep]);
  const items = [{ webkitGetAsEntry: () => root }, { webkitGetAsEntry: () => null }] as unknown as DataTransferItemList;
  expect((await filesOfDrop(items)).map((file) => file.path)).toEqual(["set/a.tif", "set/deep/c.tif", "set/deep/d.tif", "set/deep/e.tif"]);
});

it("knows litter", () => {
  for (const path of [".DS_Store", "a/.hidden/x.tif", "__MACOSX/a.tif", "a/Thumbs.db"]) expect(isLitter(path), path).toBe(true);
  expect(isLitter("a/b.c.tif")).toBe(false);
});

it("replaces a file that is picked again", () => {
  const files = addFiles([picked("a"), picked("b")], [picked("b", "newer")]);
  expect(files.map((file) => [file.path, file.file.size])).toEqual([["a", 1], ["b", 5]]);
});
