// @vitest-environment jsdom
import { MantineProvider } from "@mantine/core";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { DataTable, type Column } from "./data-table";

interface Row {
  id: string;
  cells: number | null;
}

const ROWS: Row[] = [
  { id: "img10", cells: 3 },
  { id: "img2", cells: null },
  { id: "img1", cells: 7 },
];
const COLUMNS: Column<Row>[] = [
  { key: "name", title: "Name", cell: (row) => row.id, sortBy: (row) => row.id },
  { key: "cells", title: "Cells", cell: (row) => row.cells, sortBy: (row) => row.cells },
];

function Table({ onOpen }: { onOpen: (id: string) => void }) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  return (
    <MantineProvider>
      <DataTable<Row> label="Images" columns={COLUMNS} rows={ROWS} rowKey={(row) => row.id} rowLabel={(row) => row.id} onOpen={(row) => onOpen(row.id)} selection={{ selected, onChange: setSelected }} />
      <output>{[...selected].sort().join(" ")}</output>
    </MantineProvider>
  );
}

function shown() {
  const onOpen = vi.fn();
  render(<Table onOpen={onOpen} />);
  const names = () => screen.getAllByRole("row").slice(1).map((row) => row.getAttribute("aria-label"));
  return { onOpen, names, user: userEvent.setup(), selected: () => screen.getByRole("status").textContent };
}

describe("a table", () => {
  it("sorts as people count, with unknown values last either way", async () => {
    const { user, names } = shown();
    await user.click(screen.getByRole("button", { name: "Name" }));
    expect(names()).toEqual(["img1", "img2", "img10"]);
    await user.click(screen.getByRole("button", { name: "Cells" }));
    expect(names()).toEqual(["img10", "img1", "img2"]);
    await user.click(screen.getByRole("button", { name: "Cells" }));
    expect(names()).toEqual(["img1", "img10", "img2"]);
    expect(screen.getByRole("columnheader", { name: "Cells" }).getAttribute("aria-sort")).toBe("descending");
  });

  it("is worked by keys alone", async () => {
    const { user, onOpen, selected } = shown();
    screen.getByRole("row", { name: "img10" }).focus();
    await user.keyboard("{ArrowDown}{Enter}");
    expect(onOpen).toHaveBeenLastCalledWith("img2");
    await user.keyboard(" ");
    expect(selected()).toBe("img2");
    await user.keyboard("{Shift>}{ArrowDown}{/Shift}");
    expect(selected()).toBe("img1 img2");
    await user.keyboard("{Control>}a{/Control}");
    expect(selected()).toBe("img1 img10 img2");
    await user.keyboard("{Escape}");
    expect(selected()).toBe("");
  });

  it("goes on from the row that was focused, however that came about", async () => {
    const { user, selected } = shown();
    screen.getByRole("row", { name: "img2" }).focus();
    await user.keyboard(" ");
    expect(selected()).toBe("img2");
  });

  it("opens a row by a click, but not by its checkbox", async () => {
    const { user, onOpen, selected } = shown();
    await user.click(within(screen.getByRole("row", { name: "img1" })).getByRole("checkbox", { name: "Select img1" }));
    expect([onOpen.mock.calls.length, selected()]).toEqual([0, "img1"]);
    await user.click(screen.getByText("img10"));
    expect(onOpen).toHaveBeenCalledWith("img10");
  });

  it("selects all and none", async () => {
    const { user, selected } = shown();
    await user.click(screen.getByRole("checkbox", { name: "Select all" }));
    expect(selected()).toBe("img1 img10 img2");
    await user.click(screen.getByRole("checkbox", { name: "Select all" }));
    expect(selected()).toBe("");
  });
});
