import { TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useState, type ReactNode } from "react";
import { api, data } from "@/api/client";
import { FormDialog } from "@/ui/form-dialog";
import { useBench } from "../bench/bench-context";
import { useBenchDoings } from "../bench/bench-page";
import { useEditor } from "../use-editor";
import { commandsFor } from "./do-repair";
import type { Place } from "./places";

export interface PlaceAct {
  readonly label: string;
  readonly run: () => void;
}

export interface PlaceActs {
  /** What can be done with a place; nothing where these labels can only be looked at. */
  readonly of: (place: Place) => readonly PlaceAct[];
  readonly repair: ((place: Place) => void) | undefined;
  /** A question that is being asked, or nothing. */
  readonly dialog: ReactNode;
}

const NONE: readonly PlaceAct[] = [];
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : "The server could not be reached; try again.");

/** Repairs are done, alerts set aside or brought back, links said to be right or wrong. */
export function usePlaceActs(): PlaceActs {
  const { readOnly } = useBench();
  const repair = useRepair();
  const { confirm, part } = useLinkAnswers();
  const { bringBack, ask, dialog } = useDismissals();
  const of = (place: Place): readonly PlaceAct[] => {
    if (place.repair) return [{ label: "Do it", run: () => repair(place) }];
    if (place.link) return [{ label: "Right", run: () => confirm(place) }, { label: "Wrong", run: () => part(place) }];
    if (place.alert?.dismissed) return [{ label: "Bring back", run: () => bringBack(place) }];
    return place.alert ? [{ label: "Set aside", run: () => ask(place) }] : NONE;
  };
  return { of: readOnly ? () => NONE : of, repair: readOnly ? undefined : repair, dialog };
}

function useRepair(): (place: Place) => void {
  const editor = useEditor();
  const { tell } = useBenchDoings();
  return useCallback(
    ({ repair, title }: Place) => {
      if (!repair) return;
      const before = editor.state().notice?.number;
      for (const command of commandsFor(repair)) editor.dispatch(command);
      if (editor.state().notice?.number === before) tell(`${title}: done.`, true);
    },
    [editor, tell],
  );
}

function useAskAgain(): (...keys: string[]) => void {
  const { branch } = useBench();
  const queries = useQueryClient();
  return (...keys) => keys.forEach((key) => void queries.invalidateQueries({ queryKey: [key, branch.id, "head"] }));
}

/** A link that is right is said in the log, one that is wrong is cut, both as any edit: saved with the others, and taken back by undo. */
function useLinkAnswers(): { confirm: (place: Place) => void; part: (place: Place) => void } {
  const { autosave } = useBench();
  const editor = useEditor();
  const { tell } = useBenchDoings();
  const again = useAskAgain();
  const say = async ({ link, message }: Place) => {
    if (!link) return;
    const before = editor.state().notice?.number;
    editor.dispatch({ kind: "track.confirm", ...link });
    if (editor.state().notice?.number === before) tell(`Kept as right: ${message}`, true);
    await autosave?.flush();
    again("track-links");
  };
  const part = ({ link }: Place) => {
    if (!link) return;
    const before = editor.state().notice?.number;
    if (link.cell === link.from_cell) editor.dispatch({ kind: "track.unlink", cell: link.cell, t: link.t });
    else editor.dispatch({ kind: "track.remove-mother", cells: [link.cell] });
    if (editor.state().notice?.number === before) tell(`Cell ${link.cell} is cut off in frame ${link.t}.`, true);
  };
  return { confirm: (place) => void say(place), part };
}

function useDismissals(): { bringBack: (place: Place) => void; ask: (place: Place) => void; dialog: ReactNode } {
  const { tell } = useBenchDoings();
  const again = useAskAgain();
  const [asked, setAsked] = useState<Place | null>(null);
  const bringBack = async ({ alert }: Place) => {
    if (!alert?.dismissed) return;
    try {
      await data(api.DELETE("/api/v1/alert-dismissals/{id}/", { params: { path: { id: alert.dismissed.id } } }));
      again("track-alerts");
    } catch (error) {
      tell(wordsOf(error));
    }
  };
  const dialog = asked && <SetAside place={asked} onClose={() => setAsked(null)} onDone={() => (setAsked(null), again("track-alerts"))} />;
  return { bringBack: (place) => void bringBack(place), ask: setAsked, dialog };
}

function SetAside({ place, onClose, onDone }: { place: Place; onClose: () => void; onDone: () => void }) {
  const { branch } = useBench();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async () => {
    if (!place.alert) return;
    const { mark, kind, cell, t } = place.alert;
    setBusy(true);
    try {
      await data(api.POST("/api/v1/branches/{id}/alert-dismissals/", { params: { path: { id: branch.id } }, body: { mark, kind, cell, t, reason } }));
      onDone();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <FormDialog title={`Set aside: ${place.title}`} submit="Set aside" busy={busy} error={error} onSubmit={() => void submit()} onClose={onClose}>
      <p>{place.message}</p>
      <TextInput label="Why is it in order?" description="Everybody sees it with your name. The alert comes back when one of its cells changes." maxLength={500} data-autofocus value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
    </FormDialog>
  );
}
