import { Text } from "@mantine/core";
import { useEffect, useState } from "react";
import type { Leader } from "./doors";
import type { CrowdSession } from "./session";

/** Who answered how much, where the owner wants it known; nobody has a real name here. */
export function Leaders({ session }: { session: CrowdSession }) {
  const [leaders, setLeaders] = useState<readonly Leader[]>([]);
  useEffect(() => {
    let wanted = true;
    void session.leaders().then(
      (found) => wanted && setLeaders(found),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [session]);
  if (leaders.length === 0) return null;
  return (
    <section aria-label="Most answers" style={{ width: "100%", maxWidth: "22rem" }}>
      <Text fw={600} size="sm" mb={4}>
        Most answers
      </Text>
      <ol style={{ margin: 0, textAlign: "left" }}>
        {leaders.map(({ name, answered, is_me }) => (
          <li key={name} style={is_me ? { fontWeight: 700 } : undefined}>
            {name}: {answered}
            {is_me && " (you)"}
          </li>
        ))}
      </ol>
    </section>
  );
}
