import { useEffect } from "react";
import type { Autosave } from "../saving/autosave";
import type { Branch } from "../types";

/** The live line keeps the branch fresh; when its newest number runs ahead of the picture, somebody else has written. */
export function useOthersWork(branch: Branch, autosave: Autosave | null): void {
  const head = branch.head_number;
  useEffect(() => {
    if (autosave && autosave.state().kind === "saved" && head > autosave.pile().base) void autosave.pull();
  }, [autosave, head]);
}
