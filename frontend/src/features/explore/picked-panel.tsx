import { Paper, Stack, Table, Text } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { addresses } from "@/lib/addresses";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink } from "@/ui/link";
import { CellCrops } from "./cell-crops";
import type { Columns } from "./columns";
import { neighboursQuery } from "./queries";

interface PickedPanelProps {
  project: string;
  atlas: string;
  columns: Columns;
  measures: readonly { value: string; label: string }[];
  picked: number | null;
  onPick: (number: number) => void;
}

/** One cell: its picture, the way into the editor, the cells most like it, and what was measured. */
export function PickedPanel({ project, atlas, columns, measures, picked, onPick }: PickedPanelProps) {
  const near = useQuery(neighboursQuery(atlas, picked));
  if (picked === null) return null;
  const of = (name: string) => columns.of(name)[picked] ?? 0;
  const image = columns.images[of("image")];
  return (
    <Paper withBorder p="sm" component="section" aria-label="Picked cell">
      <Stack gap="xs">
        <CellCrops atlas={atlas} numbers={[picked]} label="The picked cell" />
        <Text size="xs" truncate title={image?.name}>{`Cell ${of("cell")} of ${image?.name ?? ""}`}</Text>
        {image && (
          <ButtonLink size="compact-sm" variant="default" w="fit-content" leftSection={<IconPencil size={14} aria-hidden />} to={addresses.annotate(project, image.id, { t: of("t"), z: of("z"), cell: of("cell") })}>
            Open in the editor
          </ButtonLink>
        )}
        <Text size="xs" fw={600}>
          Most like it
        </Text>
        <ErrorNotice error={near.error} />
        {near.data && <CellCrops atlas={atlas} numbers={near.data.map((one) => one.number)} label="Nearest neighbours" onPick={onPick} />}
        <Table fz="xs" verticalSpacing={2} aria-label="Measurements">
          <Table.Tbody>
            {measures.map(({ value, label }) => (
              <Table.Tr key={value}>
                <Table.Td>{label}</Table.Td>
                <Table.Td className="num" ta="right">
                  {Number(of(value).toPrecision(4))}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Stack>
    </Paper>
  );
}
