import { ActionIcon, Button, Group, Indicator, NativeSelect, NumberInput, Popover, Stack } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { schemaQuery } from "@/api/schemas";
import { useBench } from "../bench/bench-context";
import { AttributeField } from "./attribute-field";
import { countAsked, NO_FILTER, type CellFilter } from "./cell-rows";

interface FilterButtonProps {
  filter: CellFilter;
  onFilter: (filter: CellFilter) => void;
}

/** Which cells are listed: by class, size, a model's certainty, lock and mark. */
export function FilterButton({ filter, onFilter }: FilterButtonProps) {
  const asked = countAsked(filter);
  return (
    <Popover position="bottom-end" withArrow trapFocus width={270}>
      <Indicator disabled={asked === 0} label={asked} size={15} offset={4}>
        <Popover.Target>
          <ActionIcon variant={asked > 0 ? "light" : "default"} size={30} aria-label={asked > 0 ? `Filter: ${asked} set` : "Filter"}>
            <IconFilter size={16} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown>
        <FilterForm filter={filter} onFilter={onFilter} />
      </Popover.Dropdown>
    </Popover>
  );
}

const ANY = "any";
const MARKS = [{ value: ANY, label: "Any" }, { value: "yes", label: "Only these" }, { value: "no", label: "Without these" }];
const markOf = (value: boolean | null): string => (value === null ? ANY : value ? "yes" : "no");
const ofMark = (value: string): boolean | null => (value === ANY ? null : value === "yes");
const ofNumber = (value: string | number): number | null => (typeof value === "number" ? value : null);

function FilterForm({ filter, onFilter }: FilterButtonProps) {
  const { classes: labelClasses, project } = useBench();
  const attributes = useQuery(schemaQuery(project)).data?.attributes.filter((one) => !one.archived) ?? [];
  const asked = attributes.find(({ id }) => id === filter.attribute?.id);
  const set = (change: Partial<CellFilter>) => onFilter({ ...filter, ...change });
  return (
    <Stack gap="xs">
      <NativeSelect
        size="xs"
        label="Class"
        data={[{ value: ANY, label: "Any" }, { value: "", label: "No class" }, ...labelClasses.map(({ id, name, depth = 0 }) => ({ value: id, label: `${"\u2003".repeat(depth)}${name}` }))]}
        value={filter.classId ?? ANY}
        onChange={(event) => set({ classId: event.currentTarget.value === ANY ? null : event.currentTarget.value })}
      />
      <Group grow gap="xs">
        <NumberInput size="xs" label="Area from" suffix=" px" min={0} value={filter.least_px ?? ""} onChange={(value) => set({ least_px: ofNumber(value) })} />
        <NumberInput size="xs" label="Area to" suffix=" px" min={0} value={filter.most_px ?? ""} onChange={(value) => set({ most_px: ofNumber(value) })} />
      </Group>
      <NumberInput size="xs" label="Quality at most" min={0} max={1} step={0.05} decimalScale={2} value={filter.mostQuality ?? ""} onChange={(value) => set({ mostQuality: ofNumber(value) })} />
      <Group grow gap="xs">
        <NativeSelect size="xs" label="Locked" data={MARKS} value={markOf(filter.locked)} onChange={(event) => set({ locked: ofMark(event.currentTarget.value) })} />
        <NativeSelect size="xs" label="Uncertain" data={MARKS} value={markOf(filter.uncertain)} onChange={(event) => set({ uncertain: ofMark(event.currentTarget.value) })} />
        <NativeSelect size="xs" label="Ignored" data={MARKS} value={markOf(filter.ignored)} onChange={(event) => set({ ignored: ofMark(event.currentTarget.value) })} />
      </Group>
      {attributes.length > 0 && (
        <Group grow gap="xs" align="end">
          <NativeSelect
            size="xs"
            label="Attribute"
            data={[{ value: "", label: "Any" }, ...attributes.map(({ id, name }) => ({ value: id, label: name }))]}
            value={filter.attribute?.id ?? ""}
            onChange={(event) => set({ attribute: event.currentTarget.value ? { id: event.currentTarget.value, value: "" } : null })}
          />
          {asked && (
            <AttributeField
              attribute={asked}
              label="is"
              value={filter.attribute?.value === "" ? null : (filter.attribute?.value ?? null)}
              onChange={(value) => set({ attribute: { id: asked.id, value: value ?? "" } })}
            />
          )}
        </Group>
      )}
      <Button size="compact-sm" variant="default" disabled={countAsked(filter) === 0} onClick={() => onFilter(NO_FILTER)}>
        No filter
      </Button>
    </Stack>
  );
}
