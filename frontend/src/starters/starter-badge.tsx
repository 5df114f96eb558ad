import { Badge } from "@mantine/core";

/** Marks models that came with Cytoloop. */
export function StarterBadge() {
  return (
    <Badge variant="light" size="sm" radius="sm" tt="none" style={{ flex: "none" }} title="Came with Cytoloop, trained on openly licensed images">
      Starter
    </Badge>
  );
}
