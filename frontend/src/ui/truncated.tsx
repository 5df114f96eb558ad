import { Text, Tooltip, type TextProps } from "@mantine/core";
import { useState } from "react";

/** One line that ends in an ellipsis when it must, and then says all of it on hover or focus. */
export function Truncated({ children, ...props }: TextProps & { children: string }) {
  const [cut, setCut] = useState(false);
  return (
    <Tooltip label={children} disabled={!cut} openDelay={300} multiline maw="32rem" style={{ overflowWrap: "anywhere" }}>
      <Text
        component="span"
        display="block"
        inherit
        {...props}
        truncate
        onPointerEnter={(event) => setCut(event.currentTarget.scrollWidth > event.currentTarget.clientWidth)}
      >
        {children}
      </Text>
    </Tooltip>
  );
}
