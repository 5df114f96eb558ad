import { Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { ReactNode } from "react";
import { useTaste } from "./bench-context";
import { useBenchPage } from "./bench-page";
import classes from "./bench.module.css";

export const NARROW = "(max-width: 60em)";
const PHONE = "(max-width: 40em)";

/** Lists beside the picture; where there is no room beside it, over it when asked for. */
export function SideHolder({ children }: { children: ReactNode }) {
  const { sheet, show } = useBenchPage();
  const [{ sideOpen }] = useTaste();
  const narrow = useMediaQuery(NARROW, undefined, { getInitialValueInEffect: false });
  const phone = useMediaQuery(PHONE, undefined, { getInitialValueInEffect: false });
  if (!narrow) return sideOpen ? children : null;
  return (
    <Drawer
      opened={sheet}
      onClose={() => show({ sheet: false })}
      position={phone ? "bottom" : "right"}
      size={phone ? "62%" : 340}
      title="Lists"
      overlayProps={{ backgroundOpacity: 0.25 }}
      closeButtonProps={{ "aria-label": "Close the lists" }}
      classNames={{ content: classes.sheet, body: classes.sheetBody, header: classes.sheetHead }}
    >
      {children}
    </Drawer>
  );
}
