import { useEffect } from "react";
import type { Editor } from "@/editor";
import { send } from "@/api/http";
import { hearNews } from "@/api/live-news";
import { OthersHere } from "./others-here";
import { Teller, whereaboutsOf, type Whereabouts } from "./whereabouts";

const SWEEP_MS = 5_000;

/** Tells the others where one is in these labels, and shows in the editor where they are. */
export function useTogether(editor: Editor, branch: string, me: string): void {
  useEffect(() => follow(editor, branch, me), [editor, branch, me]);
}

function follow(editor: Editor, branch: string, me: string): () => void {
  const others = new OthersHere(branch, me);
  const teller = new Teller((here) => post(branch, here, false));
  const show = () => {
    editor.setOthers(others.list());
    teller.setCompany(others.list().length > 0);
  };
  const unhear = hearNews((name, data) => {
    const heard = name === "presence.moved" ? others.hear(data, Date.now()) : null;
    if (heard === "came") teller.introduce();
    if (heard) show();
  });
  const look = () => editor.state().document && document.visibilityState === "visible" && teller.move(whereaboutsOf(editor.state()));
  const unfollow = editor.subscribe(look);
  const sweep = setInterval(() => others.sweep(Date.now()) && show(), SWEEP_MS);
  const leave = () => post(branch, { gone: true }, true);
  window.addEventListener("pagehide", leave);
  look();
  return () => {
    unhear();
    unfollow();
    teller.stop();
    clearInterval(sweep);
    window.removeEventListener("pagehide", leave);
    leave();
    editor.setOthers([]);
  };
}

/** Nothing hangs on it: who cannot be told is told a moment later. */
function post(branch: string, body: Whereabouts | { gone: true }, keepalive: boolean): void {
  const url = new URL(`/api/v1/branches/${branch}/presence/`, location.origin);
  const request = new Request(url, { method: "POST", keepalive, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  send(request).catch(() => undefined);
}
