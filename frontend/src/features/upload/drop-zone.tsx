import { Button, Group, Stack, Text } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useRef, useState, type DragEvent } from "react";
import { filesOfDrop, filesOfInput, type PickedFile } from "./picked-file";
import classes from "./upload.module.css";

/** Takes files and whole folders, dropped or picked. */
export function DropZone({ onPick, compact, words = "Drop files or folders here" }: { onPick: (files: PickedFile[]) => void; compact?: boolean; words?: string }) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void filesOfDrop(event.dataTransfer.items).then(onPick);
  };
  return (
    <div
      className={classes.zone}
      data-over={over}
      data-compact={compact}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Stack align="center" gap="xs">
        {!compact && <IconUpload size={36} stroke={1.2} aria-hidden />}
        <Text fw={500}>{words}</Text>
        <Group gap="xs">
          <Pick label="Choose files" onPick={onPick} />
          <Pick label="Choose a folder" folder onPick={onPick} />
        </Group>
      </Stack>
    </div>
  );
}

function Pick({ label, folder, onPick }: { label: string; folder?: boolean; onPick: (files: PickedFile[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={label}
        {...(folder ? { webkitdirectory: "" } : {})}
        onChange={(event) => {
          if (event.currentTarget.files) onPick(filesOfInput(event.currentTarget.files));
          event.currentTarget.value = "";
        }}
      />
      <Button variant="default" onClick={() => input.current?.click()}>
        {label}
      </Button>
    </>
  );
}
