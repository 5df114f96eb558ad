import { useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { datasetsQuery } from "@/api/datasets";
import { projectsQuery } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { useCommands, type Command } from "@/ui/commands";
import { FRAME_KEYS, useShortcutOverlay, useShortcuts, type Shortcut } from "@/ui/shortcuts";
import { placesOf, type Place } from "./navigation";

const EVERYWHERE: readonly Shortcut[] = [
  { keys: ["Ctrl", "K"], does: "Go to a page or run a command" },
  { keys: ["?"], does: "Show these keys" },
  { keys: ["G", "H"], does: "Go to your projects" },
  ...placesOf("").map((place) => ({ keys: ["G", place.key], does: `Go to ${place.label.toLowerCase()}` })),
];

const LISTS: readonly Shortcut[] = [
  { keys: ["↑", "↓"], does: "Move in a list" },
  { keys: ["Enter"], does: "Open" },
  { keys: ["Space"], does: "Select" },
  { keys: ["Shift", "↓"], does: "Select a range" },
  { keys: ["Ctrl", "A"], does: "Select all" },
  { keys: ["Esc"], does: "Select none" },
];

/** The palette's entries and the "G then a letter" keys of the frame. */
export function useFrameCommands(projectId: string | undefined): void {
  const navigate = useNavigate();
  const openKeys = useShortcutOverlay();
  const { setColorScheme } = useMantineColorScheme();
  const places = useMemo(() => (projectId ? placesOf(projectId) : []), [projectId]);
  useShortcuts(FRAME_KEYS, EVERYWHERE);
  useShortcuts("Lists", LISTS);
  useGoKeys(places, (address) => void navigate({ to: address }));
  const projects = useQuery(projectsQuery).data;
  const datasets = useQuery({ ...datasetsQuery(projectId ?? ""), enabled: projectId !== undefined }).data;
  const commands = useMemo<Command[]>(() => {
    const go = (id: string, label: string, to: string, group = "Go to"): Command => ({ id, label, group, run: () => void navigate({ to }) });
    return [
      ...places.map((place) => go(`go-${place.key}`, place.label, place.address)),
      go("go-home", "Your projects", addresses.home()),
      go("go-account", "Account", addresses.account()),
      go("go-teams", "Teams", addresses.teams()),
      ...(datasets ?? []).map((dataset) => go(dataset.id, dataset.name, addresses.dataset(dataset.project, dataset.id), "Datasets")),
      ...(projects ?? []).map((project) => go(project.id, project.name, addresses.project(project.id), "Projects")),
      { id: "keys", label: "Keyboard", group: "Help", run: openKeys },
      ...(["dark", "light", "auto"] as const).map((scheme) => ({
        id: `colours-${scheme}`,
        label: scheme === "auto" ? "Colours of the system" : `${scheme === "dark" ? "Dark" : "Light"} colours`,
        group: "Look",
        keywords: ["theme", "mode"],
        run: () => setColorScheme(scheme),
      })),
    ];
  }, [places, datasets, projects, navigate, openKeys, setColorScheme]);
  useCommands("frame", commands);
}

const GO_MS = 1_200;

/** G, then a place's letter within a moment; never while text is typed. */
function useGoKeys(places: readonly Place[], go: (address: string) => void): void {
  useEffect(() => {
    let pressedAt = -Infinity;
    const onKey = (event: KeyboardEvent) => {
      const typing = (event.target as HTMLElement).closest("input, textarea, select, [contenteditable], [role=dialog]");
      // The editor has letters of its own, G among them.
      const taken = document.querySelector("[data-owns-letters]") !== null;
      if (typing || taken || event.ctrlKey || event.metaKey || event.altKey) return;
      const key = event.key.toUpperCase();
      if (event.timeStamp - pressedAt < GO_MS) {
        const address = key === "H" ? addresses.home() : places.find((place) => place.key === key)?.address;
        if (address) {
          event.preventDefault();
          go(address);
        }
        pressedAt = -Infinity;
      } else if (key === "G") pressedAt = event.timeStamp;
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
}
