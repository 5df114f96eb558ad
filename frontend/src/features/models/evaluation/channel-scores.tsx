import { Table } from "@mantine/core";
import { Truncated } from "@/ui/truncated";
import { IntervalBar } from "./interval-bar";
import type { Interval } from "./queries";

/** Each predicted channel by itself; nothing where there is one, for then it is all of them. */
export function ChannelScores({ channels }: { channels: Record<string, Record<string, Interval>> }) {
  const names = Object.keys(channels);
  if (names.length < 2) return null;
  return (
    <Table verticalSpacing={4} mt="sm" aria-label="Scores of each channel" layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Channel</Table.Th>
          <Table.Th w="44%">Correlation</Table.Th>
          <Table.Th ta="right" w={70}>
            SSIM
          </Table.Th>
          <Table.Th ta="right" w={80}>
            Inside
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {Object.entries(channels).map(([name, scores]) => (
          <Table.Tr key={name}>
            <Table.Td>
              <Truncated>{name}</Truncated>
            </Table.Td>
            <Table.Td>{scores.r && <IntervalBar interval={scores.r} label={name} />}</Table.Td>
            <Table.Td ta="right" className="num">
              {scores.ssim?.value.toFixed(3)}
            </Table.Td>
            <Table.Td ta="right" className="num">
              {scores.coverage && `${Math.round(scores.coverage.value * 100)} %`}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
