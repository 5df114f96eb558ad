import { Button, Checkbox, NativeSelect, NumberInput, Popover, SegmentedControl, Slider, Stack, Tooltip } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconChevronDown } from "@tabler/icons-react";
import { GENERAL_SETTINGS, TOOL_SETTINGS, type ToolSetting } from "@/editor";
import { useEditor, useEditorState } from "../use-editor";
import { settingsOfActions } from "./action-settings";
import { useBench } from "./bench-context";
import classes from "./bench.module.css";
import { CellMenuButton } from "./cell-menu";
import { titleOf } from "./key-names";

/** So many stand in the bar; the rest is one click behind it, so that the picture never jumps. */
const SHOWN = { wide: 2, narrow: 1 };
const WIDE = "(min-width: 82em)";

const SIZES = settingsOfActions();

/** The settings of the tool in the hand, made from data; numbers are typed or dragged. */
export function OptionsBar() {
  const { readOnly, image } = useBench();
  const tool = useEditorState((state) => state.tool);
  const options = useEditorState((state) => state.toolOptions);
  const own = (TOOL_SETTINGS[tool] ?? []).filter(({ key, when }) => key !== "writeMode" && (when?.(options) ?? true));
  const wide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false });
  if (readOnly) return null;
  const most = wide ? SHOWN.wide : SHOWN.narrow;
  const draws = own.length > 0 && tool !== "eraser" && tool !== "merge";
  const general = draws ? GENERAL_SETTINGS.filter(({ key }) => key !== "channel" || image.size_c > 1) : [];
  const [first, rare] = [general.filter(({ key }) => key === "channel" && wide), general.filter(({ key }) => key !== "channel" || !wide)];
  const shown = own.slice(0, most);
  const behind = [...own.slice(most), ...rare];
  return (
    <div className={classes.options} role="toolbar" aria-label={`Settings of ${titleOf(`tool.${tool}`)}`}>
      <span className={classes.toolName}>{titleOf(`tool.${tool}`)}</span>
      {shown.map((setting) => (
        <Setting key={setting.key} setting={setting} />
      ))}
      {behind.length > 0 && <More title="More" settings={behind} />}
      <span className={classes.optionsEnd}>
        {first.map((setting) => (
          <Setting key={setting.key} setting={setting} />
        ))}
        <CellMenuButton />
        {SIZES.length > 0 && <More title="Sizes" settings={SIZES} />}
      </span>
    </div>
  );
}

function More({ title, settings }: { title: string; settings: readonly ToolSetting[] }) {
  return (
    <Popover position="bottom-end" withArrow trapFocus width={320}>
      <Popover.Target>
        <Button size="compact-xs" variant="default" rightSection={<IconChevronDown size={13} aria-hidden />} aria-label={title === "Sizes" ? "Sizes used by grow, shrink, smooth, copy and others" : "More settings of this tool"}>
          {title}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          {settings.map((setting) => (
            <Setting key={setting.key} setting={setting} wide />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Any one setting, as its kind wants to be shown. */
export function Setting({ setting, wide }: { setting: ToolSetting; wide?: boolean }) {
  const editor = useEditor();
  const value = useEditorState((state) => state.toolOptions[setting.key]);
  const set = (next: unknown) => editor.dispatch({ kind: "tool.options", options: { [setting.key]: next } });
  return (
    <Tooltip label={setting.about} disabled={setting.about === undefined} multiline maw={260}>
      <div className={classes.setting} data-wide={wide || undefined} role="group" aria-label={setting.title}>
        <Control setting={setting} value={value} onChange={set} />
      </div>
    </Tooltip>
  );
}

interface ControlProps {
  setting: ToolSetting;
  value: unknown;
  onChange: (value: unknown) => void;
}

function Control({ setting, value, onChange }: ControlProps) {
  if (setting.kind === "toggle") return <Checkbox size="xs" label={setting.title} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
  if (setting.kind === "number") return <NumberControl setting={setting} value={Number(value)} onChange={onChange} />;
  if (setting.kind === "channel") return <ChannelControl setting={setting} value={value} onChange={onChange} />;
  return <ChoiceControl setting={setting} value={value} onChange={onChange} />;
}

function ChoiceControl({ setting, value, onChange }: ControlProps & { setting: Extract<ToolSetting, { kind: "choice" }> }) {
  const data = setting.choices.map(({ value: choice, title }) => ({ value: choice, label: title }));
  return (
    <>
      <span className={classes.settingName}>{setting.title}</span>
      {data.length <= 3 ? (
        <SegmentedControl size="xs" aria-label={setting.title} data={data} value={String(value)} onChange={onChange} />
      ) : (
        <NativeSelect size="xs" aria-label={setting.title} data={data} value={String(value)} onChange={(event) => onChange(event.currentTarget.value)} />
      )}
    </>
  );
}

/** Named choices first, then the picture's channels by name. */
function ChannelControl({ setting, value, onChange }: ControlProps & { setting: Extract<ToolSetting, { kind: "channel" }> }) {
  const { image } = useBench();
  const named = setting.choices.map((choice) => ({ value: `:${choice.value}`, label: choice.title, means: choice.value }));
  const channels = image.channel_names.map((name, at) => ({ value: `#${at}`, label: name || `Channel ${at + 1}`, means: at }));
  const all = [...named, ...channels];
  const chosen = all.find((entry) => entry.means === value) ?? all[0];
  return (
    <>
      <span className={classes.settingName}>{setting.title}</span>
      <NativeSelect
        size="xs"
        aria-label={setting.title}
        data={all.map(({ value: key, label }) => ({ value: key, label }))}
        value={chosen?.value}
        onChange={(event) => onChange(all.find((entry) => entry.value === event.currentTarget.value)?.means)}
      />
    </>
  );
}

/** A range wider than this is only typed. */
const MOST_DRAGGED = 1e6;
/** Where the ends differ so much, small steps matter when small: the slider is logarithmic. */
const LOGARITHMIC = 100;

function NumberControl({ setting: { title, unit, min, max, step }, value, onChange }: ControlProps & { setting: Extract<ToolSetting, { kind: "number" }>; value: number }) {
  const log = min > 0 && max / min >= LOGARITHMIC;
  const toSlider = (number: number) => (log ? Math.log(number / min) / Math.log(max / min) : (number - min) / (max - min));
  const fromSlider = (share: number) => (log ? min * (max / min) ** share : min + share * (max - min));
  const snapped = (number: number) => Math.min(max, Math.max(min, Number((Math.round(number / step) * step).toPrecision(10))));
  return (
    <>
      <span className={classes.settingName}>{title}</span>
      {max - min <= MOST_DRAGGED && (
        <Slider className={classes.settingSlider} size={3} thumbSize={12} thumbLabel={title} min={0} max={1} step={0.002} label={null} thumbProps={{ "aria-valuetext": `${value} ${unit}` }}
          value={toSlider(Math.min(max, Math.max(min, value)))} onChange={(share) => onChange(snapped(fromSlider(share)))} />
      )}
      <NumberInput size="xs" w={unit.length > 3 ? 110 : 74} aria-label={`${title}${unit && `, ${unit}`}`} suffix={unit && ` ${unit}`} min={min} max={max} step={step} clampBehavior="blur" value={Number(value.toPrecision(6))}
        onChange={(next) => typeof next === "number" && next >= min && next <= max && onChange(next)} />
    </>
  );
}
