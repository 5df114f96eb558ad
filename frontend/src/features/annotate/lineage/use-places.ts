import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { useBench } from "../bench/bench-context";
import { useEditor } from "../use-editor";
import { goTo } from "./go-to-cell";
import { alertsQuery, linksQuery, repairsQuery, type Alert } from "./lineage-queries";
import { ofLinks } from "./link-places";
import { ofAlerts, ofRepairs, stepIn, type Place } from "./places";

export type PlacesShown = "repairs" | "alerts" | "links" | "none";

export interface Places {
  readonly list: readonly Place[];
  readonly current: number;
  readonly go: (index: number) => void;
  readonly step: (by: 1 | -1) => void;
  readonly pending: boolean;
  readonly error: unknown;
  readonly alerts: readonly Alert[];
  /** Alerts that somebody has set aside. */
  readonly aside: number;
  readonly counts: { readonly repairs: number | null; readonly alerts: number | null; readonly links: number | null };
}

const NONE: readonly never[] = [];
/** Stands where the kind of an alert does: those that were set aside. */
export const ASIDE = "set aside";

/** Alerts, proposed repairs and unsure links of the branch, and the one that is looked at. Asked for when the tree is `drawn`. */
export function usePlaces(shown: PlacesShown, kind: string | null, drawn: boolean): Places {
  const { branch, revision } = useBench();
  const editor = useEditor();
  const alerts = useQuery({ ...alertsQuery(branch.id, revision), enabled: drawn });
  const repairs = useQuery({ ...repairsQuery(branch.id, revision), enabled: drawn });
  const links = useQuery({ ...linksQuery(branch.id, revision), enabled: drawn });
  const unsure = useMemo(() => (links.data ? ofLinks(links.data) : NONE), [links.data]);
  const [at, setAt] = useState<{ key: string | null; index: number }>({ key: null, index: -1 });
  const list = useMemo(() => {
    const all = shown === "repairs" ? ofRepairs(repairs.data ?? NONE) : shown === "links" ? unsure : ofAlerts(alerts.data ?? NONE, kind === ASIDE);
    return kind === null || kind === ASIDE ? all : all.filter(({ title }) => title === kind);
  }, [shown, kind, repairs.data, alerts.data, unsure]);
  const current = list.findIndex(({ key }) => key === at.key);
  const go = useCallback(
    (index: number) => {
      const place = list[index];
      if (!place) return;
      setAt({ key: place.key, index });
      goTo(editor, place.t, place.cells, place.placeless ? undefined : place);
    },
    [list, editor],
  );
  const step = useCallback((by: 1 | -1) => go(stepIn(list, at.key, at.index, by)), [go, list, at]);
  const aside = useMemo(() => (alerts.data ?? NONE).filter(({ dismissed }) => dismissed).length, [alerts.data]);
  const query = { repairs, links, alerts, none: alerts }[shown];
  return {
    list, current, go, step,
    pending: query.isPending,
    error: query.error,
    alerts: alerts.data ?? NONE,
    aside,
    counts: { repairs: repairs.data?.length ?? null, alerts: alerts.data ? alerts.data.length - aside : null, links: links.data?.linked != null ? unsure.length : null },
  };
}
