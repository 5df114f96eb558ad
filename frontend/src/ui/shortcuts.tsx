import { Button, Group, Kbd, Modal, Text, TextInput, Title } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { IconPrinter, IconSearch } from "@tabler/icons-react";
import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from "react";
import classes from "./shortcuts.module.css";

export interface Shortcut {
  /** Keys pressed together, as people read them: ["Ctrl", "K"]. */
  keys: readonly string[];
  /** Other keys that do the same. */
  or?: readonly (readonly string[])[];
  does: string;
}

interface Shortcuts {
  add: (title: string, shortcuts: readonly Shortcut[]) => () => void;
  open: () => void;
}

const Context = createContext<Shortcuts | null>(null);

/** Lists a page's own keys in the overlay that `?` opens, for as long as the page is shown. Give a constant list. */
export function useShortcuts(title: string, shortcuts: readonly Shortcut[]): void {
  const context = use(Context);
  useEffect(() => context?.add(title, shortcuts), [context, title, shortcuts]);
}

export function useShortcutOverlay(): () => void {
  const context = use(Context);
  return context?.open ?? (() => undefined);
}

/** The group of keys that hold on every page. */
export const FRAME_KEYS = "Everywhere";

/** A page with letters of its own says itself which key opens the overlay. */
const isTaken = (): boolean => document.querySelector("[data-owns-letters]") !== null;

/** Holds the overlay of keys; `?` opens it wherever no text is being typed. */
export function ShortcutProvider({ children }: { children: ReactNode }) {
  const [groups, setGroups] = useState<ReadonlyMap<string, readonly Shortcut[]>>(new Map());
  const [opened, { open, close }] = useDisclosure(false);
  const ask = () => !isTaken() && open();
  useHotkeys([["shift+?", ask], ["?", ask]]);
  const add = useCallback((title: string, shortcuts: readonly Shortcut[]) => {
    setGroups((now) => new Map(now).set(title, shortcuts));
    return () => setGroups((now) => new Map([...now].filter(([name]) => name !== title)));
  }, []);
  const value = useMemo(() => ({ add, open }), [add, open]);
  return (
    <Context value={value}>
      {children}
      <Modal
        opened={opened}
        onClose={close}
        title="Keyboard"
        size="min(78rem, 96vw)"
        className={classes.sheet}
        closeButtonProps={{ "aria-label": "Close" }}
        data-prints
      >
        {opened && <Sheet groups={groups} />}
      </Modal>
    </Context>
  );
}

/** Every key that does something here: found by word or key, or printed for the wall. */
function Sheet({ groups }: { groups: ReadonlyMap<string, readonly Shortcut[]> }) {
  const [text, setText] = useState("");
  const found = useMemo(() => filtered(present(groups), text), [groups, text]);
  return (
    <>
      <Group gap="xs" mb="md" className={classes.bar} wrap="nowrap">
        <TextInput
          flex={1}
          data-autofocus
          aria-label="Find a key or what it does"
          placeholder="Find a key or what it does"
          leftSection={<IconSearch size={15} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button variant="default" leftSection={<IconPrinter size={16} aria-hidden />} onClick={() => window.print()}>
          Print
        </Button>
      </Group>
      <div className={classes.columns}>
        {found.map(([title, shortcuts]) => (
          <ShortcutGroup key={title} title={title} shortcuts={shortcuts} />
        ))}
        {found.length === 0 && <Text c="dimmed">Nothing by that name has a key. Every action is in the palette.</Text>}
      </div>
    </>
  );
}

/** A page with letters of its own leaves none to the frame around all pages. */
const present = (groups: ReadonlyMap<string, readonly Shortcut[]>): ReadonlyMap<string, readonly Shortcut[]> =>
  isTaken() ? new Map([...groups].filter(([title]) => title !== FRAME_KEYS)) : groups;

/** By words of what it does, or by a key as it is printed. */
function filtered(groups: ReadonlyMap<string, readonly Shortcut[]>, text: string): [string, readonly Shortcut[]][] {
  const wanted = text.trim().toLowerCase();
  const fits = ({ does, keys, or = [] }: Shortcut) =>
    does.toLowerCase().includes(wanted) || [keys, ...or].some((chord) => chord.join("+").toLowerCase() === wanted);
  return [...groups].map(([title, all]): [string, readonly Shortcut[]] => [title, wanted === "" ? all : all.filter(fits)]).filter(([, all]) => all.length > 0);
}

function ShortcutGroup({ title, shortcuts }: { title: string; shortcuts: readonly Shortcut[] }) {
  return (
    <section className={classes.group}>
      <Title order={3} size="h6" mb={4}>
        {title}
      </Title>
      <dl className={classes.list}>
        {shortcuts.map((shortcut) => (
          <div key={shortcut.does} className={classes.row}>
            <dt>{shortcut.does}</dt>
            <dd>
              <Chords chords={[shortcut.keys, ...(shortcut.or ?? [])]} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Chords({ chords }: { chords: readonly (readonly string[])[] }) {
  return chords.map((keys, at) => (
    <span key={keys.join("+")}>
      {at > 0 && (
        <Text span size="xs" c="dimmed" mx={4}>
          or
        </Text>
      )}
      <Keys keys={keys} />
    </span>
  ));
}

export function Keys({ keys }: { keys: readonly string[] }) {
  return (
    <span style={{ whiteSpace: "nowrap" }}>
      {keys.map((key) => (
        <Kbd key={key} size="xs" ml={3}>
          {key}
        </Kbd>
      ))}
    </span>
  );
}

/** `Ctrl+Shift+Z` into its keys; the plus sign is a key too. */
export function chordOf(name: string): string[] {
  const last = name.endsWith("+") ? "+" : (name.split("+").at(-1) ?? name);
  const before = name.slice(0, name.length - last.length).split("+").filter(Boolean);
  return [...before, last];
}
