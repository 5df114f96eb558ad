import { Button, Group, Modal, Radio, SimpleGrid, Stack, Tabs, Text } from "@mantine/core";
import { presetNamed, PRESETS } from "@/editor";
import { useShortcutOverlay } from "@/ui/shortcuts";
import { useTaste } from "../bench/bench-context";
import { useBenchDoings, useBenchPage } from "../bench/bench-page";
import { HabitsForm } from "./habits-form";
import { KeysTable } from "./keys-table";

/** Keys as one likes them: a preset to begin with, any key changed, and what mouse, pen and fingers do. */
export function KeysDialog() {
  const { keysDialog, show } = useBenchPage();
  return (
    <Modal opened={keysDialog} onClose={() => show({ keysDialog: false })} title="Keys, mouse and pen" size="min(58rem, 96vw)" closeButtonProps={{ "aria-label": "Close" }}>
      {keysDialog && <Content />}
    </Modal>
  );
}

function Content() {
  return (
    <Stack gap="md">
      <Presets />
      <Tabs defaultValue="keys">
        <Tabs.List>
          <Tabs.Tab value="keys">Keys</Tabs.Tab>
          <Tabs.Tab value="hands">Mouse, pen and fingers</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="keys" pt="sm">
          <KeysTable />
        </Tabs.Panel>
        <Tabs.Panel value="hands" pt="sm">
          <HabitsForm />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

function Presets() {
  const [taste, setTaste] = useTaste();
  const { show } = useBenchDoings();
  const openSheet = useShortcutOverlay();
  const chosen = presetNamed(taste.keys.preset);
  const changes = Object.keys(taste.keys.own).length;
  return (
    <div>
      <Radio.Group
        label="As in"
        value={chosen.name}
        onChange={(preset) => setTaste({ keys: { ...taste.keys, preset }, habits: pens(taste.habits) })}
      >
        <SimpleGrid cols={{ base: 2, xs: 3, sm: 6 }} spacing="xs" mt={4}>
          {PRESETS.map(({ name, title }) => (
            <Radio key={name} value={name} label={title} size="sm" />
          ))}
        </SimpleGrid>
      </Radio.Group>
      <Group justify="space-between" mt="xs" wrap="nowrap" align="flex-start">
        <Text size="sm" c="dimmed">
          {chosen.note}
          {changes > 0 && ` You changed ${changes} ${changes === 1 ? "action" : "actions"}; your changes stay when you choose another preset.`}
        </Text>
        <Group gap={6} wrap="nowrap">
          {changes > 0 && (
            <Button size="compact-sm" variant="default" onClick={() => setTaste({ keys: { ...taste.keys, own: {} } })}>
              Forget my changes
            </Button>
          )}
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              show({ keysDialog: false });
              openSheet();
            }}
          >
            Show all keys
          </Button>
        </Group>
      </Group>
    </div>
  );
}

/** What a pen and a finger do belongs to the device, not to the program one comes from. */
const pens = ({ fingerDraws, penPressure }: ReturnType<typeof useTaste>[0]["habits"]) => ({ ...(fingerDraws !== undefined && { fingerDraws }), ...(penPressure !== undefined && { penPressure }) });
