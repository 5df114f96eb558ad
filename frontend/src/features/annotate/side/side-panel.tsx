import { Tabs } from "@mantine/core";
import { useEffect, type ReactNode } from "react";
import { useQueryValue } from "@/ui/use-address";
import { useTaste } from "../bench/bench-context";
import bench from "../bench/bench.module.css";
import { CommentsTab } from "../talk/comments-tab";
import { CellsTab } from "./cells-tab";
import { ClassesTab } from "./classes-tab";
import { HistoryTab } from "./history-tab";

const TABS = [
  { value: "cells", title: "Cells", Body: CellsTab },
  { value: "classes", title: "Classes", Body: ClassesTab },
  { value: "review", title: "Review", Body: null },
  { value: "history", title: "History", Body: HistoryTab },
  { value: "notes", title: "Comments", Body: CommentsTab },
] as const;

/** `review`: what its tab shows. */
export function SidePanel({ review }: { review: ReactNode }) {
  const [{ sideTab }, setTaste] = useTaste();
  const [comment] = useQueryValue("comment");
  // Who follows the link of a comment wants to read it, whatever tab was open last.
  useEffect(() => {
    if (comment !== undefined) setTaste({ sideTab: "notes", sideOpen: true });
  }, [comment, setTaste]);
  const chosen = TABS.some((tab) => tab.value === sideTab) ? sideTab : "cells";
  return (
    <aside className={bench.side} aria-label="Details">
      <Tabs value={chosen} onChange={(tab) => tab && setTaste({ sideTab: tab })} className={bench.panel} keepMounted={false}>
        <Tabs.List grow>
          {TABS.map(({ value, title }) => (
            <Tabs.Tab key={value} value={value} px={4}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(({ value, Body }) => (
          <Tabs.Panel key={value} value={value} className={bench.panel}>
            {Body ? <Body /> : review}
          </Tabs.Panel>
        ))}
      </Tabs>
    </aside>
  );
}
