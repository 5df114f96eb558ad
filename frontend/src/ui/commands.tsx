import { Spotlight, spotlight, type SpotlightActionData } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from "react";
import { chordOf, Keys } from "./shortcuts";

export interface Command {
  id: string;
  label: string;
  description?: string;
  group: string;
  icon?: ReactNode;
  /** The key that does the same, as it is printed: `Ctrl+D`. */
  shortcut?: string;
  /** More words it is found by. */
  keywords?: string[];
  run: () => void;
}

/** Shown at once: more than all actions of the editor and the places of a project together. */
const MOST = 400;

type Add = (owner: string, commands: readonly Command[]) => () => void;
const Context = createContext<Add | null>(null);

/** Offers a page's commands in the palette (Ctrl+K) while the page is shown. Memoise the list. */
export function useCommands(owner: string, commands: readonly Command[]): void {
  const add = use(Context);
  useEffect(() => add?.(owner, commands), [add, owner, commands]);
}

export function openCommands(): void {
  spotlight.open();
}

export function CommandProvider({ children }: { children: ReactNode }) {
  const [owners, setOwners] = useState<ReadonlyMap<string, readonly Command[]>>(new Map());
  const add = useCallback<Add>((owner, commands) => {
    setOwners((now) => new Map(now).set(owner, commands));
    return () => setOwners((now) => new Map([...now].filter(([name]) => name !== owner)));
  }, []);
  const actions = useMemo(() => grouped([...owners.values()].flat()), [owners]);
  return (
    <Context value={add}>
      {children}
      <Spotlight
        actions={actions}
        shortcut={["mod + K"]}
        tagsToIgnore={[]}
        triggerOnContentEditable
        nothingFound="Nothing by that name."
        highlightQuery
        scrollable
        attributes={{ content: { "aria-label": "Search and commands" } }}
        overlayProps={{ backgroundOpacity: 0.6, blur: 0 }}
        maxHeight="60dvh"
        limit={MOST}
        searchProps={{ leftSection: <IconSearch size={18} aria-hidden />, placeholder: "Go to a page, dataset or action; every tool is here too…", "aria-label": "Search commands" }}
      />
    </Context>
  );
}

function grouped(commands: readonly Command[]) {
  const groups = new Map<string, Command[]>();
  for (const command of commands) groups.set(command.group, [...(groups.get(command.group) ?? []), command]);
  return [...groups].map(([group, members]) => ({ group, actions: members.map(toAction) }));
}

function toAction({ id, label, description, icon, shortcut, keywords, run }: Command): SpotlightActionData {
  const rightSection = shortcut && <Keys keys={chordOf(shortcut)} />;
  return { id, label, description, leftSection: icon, rightSection, keywords: [...(keywords ?? []), ...(shortcut ? [shortcut] : [])], onClick: run };
}
