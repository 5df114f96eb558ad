import { Kbd, Modal, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from "react";

export interface Shortcut {
  /** Keys as people read them: ["Ctrl", "K"]. */
  keys: readonly string[];
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

/** Holds the overlay of keys; `?` opens it wherever no text is being typed. */
export function ShortcutProvider({ children }: { children: ReactNode }) {
  const [groups, setGroups] = useState<ReadonlyMap<string, readonly Shortcut[]>>(new Map());
  const [opened, { open, close, toggle }] = useDisclosure(false);
  useHotkeys([["shift+?", toggle], ["?", toggle]]);
  const add = useCallback((title: string, shortcuts: readonly Shortcut[]) => {
    setGroups((now) => new Map(now).set(title, shortcuts));
    return () => setGroups((now) => new Map([...now].filter(([name]) => name !== title)));
  }, []);
  const value = useMemo(() => ({ add, open }), [add, open]);
  return (
    <Context value={value}>
      {children}
      <Modal opened={opened} onClose={close} title="Keyboard" size="xl" closeButtonProps={{ "aria-label": "Close" }}>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xl">
          {[...groups].map(([title, shortcuts]) => (
            <ShortcutGroup key={title} title={title} shortcuts={shortcuts} />
          ))}
        </SimpleGrid>
      </Modal>
    </Context>
  );
}

function ShortcutGroup({ title, shortcuts }: { title: string; shortcuts: readonly Shortcut[] }) {
  return (
    <Stack gap="xs">
      <Title order={3} size="h6">
        {title}
      </Title>
      <Table verticalSpacing={4} horizontalSpacing={0} withRowBorders={false}>
        <Table.Tbody>
          {shortcuts.map((shortcut) => (
            <Table.Tr key={shortcut.does}>
              <Table.Td>
                <Text size="sm">{shortcut.does}</Text>
              </Table.Td>
              <Table.Td ta="right">
                <Keys keys={shortcut.keys} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
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
