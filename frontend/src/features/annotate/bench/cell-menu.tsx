import { Button, Kbd, Menu } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { Fragment } from "react";
import { useEditor, useEditorState } from "../use-editor";
import { useBench } from "./bench-context";
import { useBenchDoings, useBenchPage } from "./bench-page";
import classes from "./bench.module.css";
import { isAction, titleOf, useLetters } from "./key-names";

interface MenuGroup {
  readonly title: string;
  readonly actions: readonly string[];
}

const ON_CELLS: readonly MenuGroup[] = [
  { title: "Shape", actions: ["cell.autofit", "cell.trim", "cell.fill-holes", "cell.smooth", "cell.hull", "cell.grow", "cell.shrink", "cell.remove-small"] },
  { title: "Other frames", actions: ["cell.copy-next", "cell.copy-previous", "cell.copy-plane-next", "cell.copy-plane-previous", "cell.find", "cell.interpolate", "cell.interpolate-frames", "cell.propagate"] },
  { title: "Number", actions: ["cell.merge-selected", "cell.swap", "cell.reassign-new"] },
  {
    title: "Track",
    actions: ["track.link", "track.unlink", "track.swap", "track.divide", "track.remove-mother", "track.merge", "track.insert", "track.new-past", "track.fuse", "track.death", "track.leaves"],
  },
  { title: "Marks", actions: ["cell.lock", "cell.ignore", "cell.doubt", "cell.centre"] },
  { title: "Remove", actions: ["cell.delete"] },
];

const ON_PICTURE: readonly MenuGroup[] = [
  { title: "Cells", actions: ["cell.new", "select.all", "select.invert", "select.small"] },
  { title: "View", actions: ["view.fit", "labels.toggle", "outlines.toggle", "labels.highlight", "pane.linked", "pane.ortho", "pane.volume"] },
  { title: "Work", actions: ["note.pin", "replay.open", "palette.open", "help.open", "taste.open"] },
];

/** Sideways in a movie, up and down in a stack: what the image has no axis for is left out. */
function useGroups(groups: readonly MenuGroup[]): MenuGroup[] {
  const { image } = useBench();
  const fits = (action: string) =>
    isAction(action) &&
    (image.size_t > 1 || !action.startsWith("track.")) &&
    (image.size_t > 1 || !["cell.copy-next", "cell.copy-previous", "cell.find", "cell.propagate"].includes(action)) &&
    (image.size_z > 1 || !/copy-plane/.test(action)) &&
    ((image.size_t > 1 && image.size_z > 1) || action !== "cell.interpolate-frames") &&
    (image.size_t > 1 || image.size_z > 1 || action !== "cell.interpolate");
  return groups.map(({ title, actions }) => ({ title, actions: actions.filter(fits) })).filter(({ actions }) => actions.length > 0);
}

/** What can be done with the selected cells. */
export function CellMenuButton() {
  const some = useEditorState((state) => state.selected.length);
  return (
    <Menu position="bottom-end" withArrow shadow="md" classNames={{ dropdown: classes.menu }}>
      <Menu.Target>
        <Button size="compact-xs" variant="default" disabled={some === 0} rightSection={<IconChevronDown size={13} aria-hidden />}>
          {some > 1 ? `${some} cells` : "Cell"}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Groups groups={ON_CELLS} />
      </Menu.Dropdown>
    </Menu>
  );
}

/** A long menu near the window's foot moves up, over its target. */
const WITHIN_WINDOW = { flip: true, shift: { crossAxis: true, padding: 8 } };

/** At the pointer, by the right button, or beside the cell, by a key. */
export function PointMenu() {
  const { menu, show } = useBenchPage();
  const some = useEditorState((state) => state.selected.length > 0);
  const { readOnly } = useBench();
  const close = () => show({ menu: null });
  if (!menu) return null;
  return (
    <Menu opened onClose={close} position="bottom-start" middlewares={WITHIN_WINDOW} shadow="md" withinPortal returnFocus classNames={{ dropdown: classes.menu }}>
      <Menu.Target>
        <span style={{ position: "fixed", left: menu.x, top: menu.y, width: 1, height: 1 }} aria-hidden />
      </Menu.Target>
      <Menu.Dropdown>
        <Groups groups={some && !readOnly ? ON_CELLS : ON_PICTURE} />
      </Menu.Dropdown>
    </Menu>
  );
}

function Groups({ groups }: { groups: readonly MenuGroup[] }) {
  return useGroups(groups).map(({ title, actions }) => (
    <Fragment key={title}>
      <div className={classes.menuGroup}>
        <Menu.Label>{title}</Menu.Label>
        {actions.map((action) => (
          <Item key={action} action={action} />
        ))}
        {title === "Marks" && <ClassItems />}
      </div>
    </Fragment>
  ));
}

function Item({ action }: { action: string }) {
  const { act } = useBenchDoings();
  const letter = useLetters()(action);
  return (
    <Menu.Item data-removes={action === "cell.delete" || undefined} rightSection={letter && <Kbd size="xs">{letter}</Kbd>} onClick={() => act(action)}>
      {titleOf(action)}
    </Menu.Item>
  );
}

/** So many classes fit a menu; all are on their tab. */
const MOST_CLASSES = 6;

function ClassItems() {
  const editor = useEditor();
  const { classes: labelClasses } = useBench();
  return labelClasses.filter((one) => !one.archived).slice(0, MOST_CLASSES).map(({ id, name, color }) => (
    <Menu.Item
      key={id}
      leftSection={<span className={classes.dot} style={{ "--dot": color, background: color }} aria-hidden />}
      onClick={() => editor.dispatch({ kind: "cell.class", cells: editor.state().selected, class: id })}
    >
      {name}
    </Menu.Item>
  ));
}
