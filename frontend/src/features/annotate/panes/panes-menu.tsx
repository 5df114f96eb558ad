import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { IconCheck, IconLayoutGrid } from "@tabler/icons-react";
import { useBench } from "../bench/bench-context";
import { MOST_LINKED, NO_PANES, RAW_PANE } from "./panes-place";
import { usePanes } from "./use-panes";

const Tick = ({ on }: { on: boolean }) => (on ? <IconCheck size={14} /> : <span style={{ width: 14 }} />);

/** Further looks at the same image, beside the picture. */
export function PanesMenu() {
  const { image } = useBench();
  const [panes, setPanes] = usePanes();
  const flat = image.size_z < 2;
  const full = panes.linked.length >= MOST_LINKED;
  const add = (change: Partial<typeof RAW_PANE>) => setPanes({ linked: [...panes.linked, { ...RAW_PANE, ...change }] });
  return (
    <Menu position="bottom-end" withArrow width={260}>
      <Menu.Target>
        <Tooltip label="Panes: further looks at this image">
          <ActionIcon variant="subtle" color="gray" aria-label="Panes">
            <IconLayoutGrid size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Stacks</Menu.Label>
        <Menu.Item disabled={flat} leftSection={<Tick on={panes.ortho} />} onClick={() => setPanes({ ortho: !panes.ortho })}>
          Orthogonal views
        </Menu.Item>
        <Menu.Item disabled={flat} leftSection={<Tick on={panes.volume} />} onClick={() => setPanes({ volume: !panes.volume })}>
          Masks in 3D
        </Menu.Item>
        {flat && <Menu.Label>This image has one plane.</Menu.Label>}
        <Menu.Label>Linked: same place, same cursor</Menu.Label>
        <Menu.Item disabled={full} leftSection={<Tick on={false} />} onClick={() => add({})}>
          Raw, without labels
        </Menu.Item>
        {image.channel_names.length > 1 && (
          <Menu.Item disabled={full} leftSection={<Tick on={false} />} onClick={() => add({ labels: "same", channels: [(panes.linked.length + 1) % image.channel_names.length] })}>
            Another channel
          </Menu.Item>
        )}
        {image.size_t > 1 && (
          <Menu.Item disabled={full} leftSection={<Tick on={false} />} onClick={() => add({ labels: "same", dt: 1 })}>
            Next frame
          </Menu.Item>
        )}
        {!flat && (
          <Menu.Item disabled={full} leftSection={<Tick on={false} />} onClick={() => add({ labels: "same", dz: 1 })}>
            Next plane
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item disabled={panes.linked.length === 0 && !panes.ortho && !panes.volume} leftSection={<Tick on={false} />} onClick={() => setPanes(NO_PANES)}>
          Only the picture
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
