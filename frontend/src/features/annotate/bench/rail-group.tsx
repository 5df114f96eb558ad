import { Kbd, Menu, UnstyledButton } from "@mantine/core";
import { IconCaretRightFilled } from "@tabler/icons-react";
import { useState } from "react";
import { useEditor, useEditorState } from "../use-editor";
import classes from "./bench.module.css";
import { titleOf, useLetters } from "./key-names";
import { RailButton } from "./rail-button";
import type { RailGroup, RailTool } from "./rail-tools";

/** One button for a family of tools: it holds the one used last, the others fly out. */
export function RailFlyout({ group }: { group: RailGroup }) {
  const editor = useEditor();
  const present = useEditorState((state) => `tool.${state.tool}`);
  const [last, setLast] = useState(group.tools[0]);
  const [opened, setOpened] = useState(false);
  const held = group.tools.find((tool) => tool.action === present);
  if (held && held !== last) setLast(held);
  const shown = held ?? last;
  const take = (tool: RailTool) => {
    setLast(tool);
    editor.act(tool.action);
  };
  if (!shown) return null;
  return (
    <Menu position="right-start" offset={6} opened={opened} onChange={setOpened} withinPortal shadow="md">
      <div className={classes.family}>
        <ToolButton tool={shown} pressed={held !== undefined} onClick={() => (held ? setOpened(true) : take(shown))} onMore={() => setOpened(true)} />
        <Menu.Target>
          <UnstyledButton className={classes.caret} aria-label={`${group.title}: all tools`}>
            <IconCaretRightFilled size={9} aria-hidden />
          </UnstyledButton>
        </Menu.Target>
      </div>
      <Menu.Dropdown aria-label={group.title}>
        <Menu.Label>{group.title}</Menu.Label>
        {group.tools.map((tool) => (
          <FlyoutItem key={tool.action} tool={tool} chosen={tool === held} onTake={() => take(tool)} />
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function FlyoutItem({ tool: { action, icon: Icon }, chosen, onTake }: { tool: RailTool; chosen: boolean; onTake: () => void }) {
  const letter = useLetters()(action);
  return (
    <Menu.Item leftSection={<Icon size={17} stroke={1.6} aria-hidden />} rightSection={letter && <Kbd size="xs">{letter}</Kbd>} data-chosen={chosen || undefined} aria-current={chosen || undefined} onClick={onTake}>
      {titleOf(action)}
    </Menu.Item>
  );
}

interface ToolButtonProps {
  tool: RailTool;
  pressed?: boolean;
  onClick?: () => void;
  onMore?: () => void;
}

export function ToolButton({ tool: { action, icon }, pressed, onClick, onMore }: ToolButtonProps) {
  const editor = useEditor();
  const letter = useLetters()(action);
  const chosen = useEditorState((state) => `tool.${state.tool}` === action);
  return <RailButton label={titleOf(action)} letter={letter} icon={icon} pressed={pressed ?? chosen} more={onMore !== undefined} onClick={onClick ?? (() => editor.act(action))} onMore={onMore} />;
}
