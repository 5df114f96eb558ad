import { ActionIcon, Alert, Button, Group, Table, Text, TextInput, Title, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconPlus, IconRotate, IconSearch, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { ACTIONS, keysOf } from "@/editor";
import { chordOf, Keys } from "@/ui/shortcuts";
import { useTaste } from "../bench/bench-context";
import { KEY_GROUPS, titleOf } from "../bench/key-names";
import { KeyCapture } from "./key-capture";
import { asPreset, holderOf, keymapOfTaste, whyNot, withKey, withKeysSwapped, withoutKey } from "./key-changes";
import classes from "./taste.module.css";

/** The key that is to be replaced, or null for one more. */
interface Asking {
  readonly action: string;
  readonly instead: string | null;
}

interface Conflict extends Asking {
  readonly key: string;
  readonly holder: string;
}

/** Every action with its keys; a click on a key, then another key, and it is changed. */
export function KeysTable() {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const [{ keys }] = useTaste();
  const keymap = keymapOfTaste(keys);
  const fits = ({ action, title }: (typeof ACTIONS)[number]) => title.toLowerCase().includes(wanted) || keysOf(keymap, action).some((key) => key.toLowerCase() === wanted);
  return (
    <>
      <TextInput
        mb="sm"
        data-autofocus
        aria-label="Find an action or a key"
        placeholder="Find an action, or type a key: G, Ctrl+Z"
        leftSection={<IconSearch size={15} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className={classes.table}>
        {KEY_GROUPS.map((group) => {
          const found = ACTIONS.filter((action) => action.group === group && fits(action));
          return found.length > 0 && <Section key={group} title={group} actions={found.map(({ action }) => action)} />;
        })}
      </div>
    </>
  );
}

function Section({ title, actions }: { title: string; actions: readonly string[] }) {
  return (
    <section aria-label={title}>
      <Title order={3} size="h6" mt="sm" mb={2}>
        {title}
      </Title>
      <Table verticalSpacing={3} horizontalSpacing={6}>
        <Table.Tbody>
          {actions.map((action) => (
            <Row key={action} action={action} />
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function Row({ action }: { action: string }) {
  const [{ keys }, setTaste] = useTaste();
  const [asking, setAsking] = useState<Asking | null>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const now = keysOf(keymapOfTaste(keys), action);
  const ask = (instead: string | null) => {
    setRefusal(null);
    setConflict(null);
    setAsking({ action, instead });
  };
  const chosen = (key: string) => {
    const instead = asking?.instead ?? null;
    const holder = holderOf(keys, key, action);
    setAsking(null);
    setRefusal(whyNot(key));
    if (whyNot(key) !== null) return;
    if (holder !== null) setConflict({ action, instead, key, holder });
    else setTaste({ keys: withKey(keys, action, key, instead) });
  };
  const title = titleOf(action);
  return (
    <>
      <Table.Tr>
        <Table.Td>{title}</Table.Td>
        <Table.Td className={classes.keys}>
          {now.map((key) => (
            <span key={key} className={classes.key}>
              <UnstyledButton onClick={() => ask(key)}>
                <VisuallyHidden>Change </VisuallyHidden>
                <Keys keys={chordOf(key)} />
                <VisuallyHidden> of {title}</VisuallyHidden>
              </UnstyledButton>
              <ActionIcon size="xs" variant="subtle" color="gray" aria-label={`Take ${key} off ${title}`} onClick={() => setTaste({ keys: withoutKey(keys, action, key) })}>
                <IconX size={11} aria-hidden />
              </ActionIcon>
            </span>
          ))}
          {asking ? (
            <KeyCapture what={title} onKey={chosen} onCancel={() => setAsking(null)} />
          ) : (
            <ActionIcon size="sm" variant="subtle" color="gray" aria-label={`Another key for ${title}`} onClick={() => ask(null)}>
              <IconPlus size={14} aria-hidden />
            </ActionIcon>
          )}
          {action in keys.own && (
            <ActionIcon size="sm" variant="subtle" aria-label={`${title}: keys of the preset`} title="As the preset has it" onClick={() => setTaste({ keys: asPreset(keys, action) })}>
              <IconRotate size={14} aria-hidden />
            </ActionIcon>
          )}
        </Table.Td>
      </Table.Tr>
      {(conflict ?? refusal) && (
        <Table.Tr>
          <Table.Td colSpan={2}>
            {refusal && <Alert color="wait">{refusal}</Alert>}
            {conflict && <ConflictChoice conflict={conflict} onDone={() => setConflict(null)} />}
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}

function ConflictChoice({ conflict: { action, key, instead, holder }, onDone }: { conflict: Conflict; onDone: () => void }) {
  const [{ keys }, setTaste] = useTaste();
  const choose = (next: typeof keys) => {
    setTaste({ keys: next });
    onDone();
  };
  return (
    <Alert color="wait" role="alertdialog" aria-label="This key is taken">
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          <Keys keys={chordOf(key)} /> is “{titleOf(holder)}”.
        </Text>
        <Group gap={6}>
          <Button size="compact-sm" autoFocus onClick={() => choose(withKey(keys, action, key, instead))}>
            Take it
          </Button>
          {instead !== null && (
            <Button size="compact-sm" variant="default" onClick={() => choose(withKeysSwapped(keys, action, key, instead))}>
              Swap: it gets {instead}
            </Button>
          )}
          <Button size="compact-sm" variant="default" onClick={onDone}>
            Leave it
          </Button>
        </Group>
      </Group>
    </Alert>
  );
}
