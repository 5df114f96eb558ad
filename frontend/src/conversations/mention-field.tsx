import { Button, Group, Menu, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState, type KeyboardEvent } from "react";
import { peopleQuery } from "@/api/people";
import { fitting, nameBegun, withName } from "./words";

interface MentionFieldProps {
  project: string;
  label: string;
  placeholder?: string;
  busy: boolean;
  onSend: (text: string) => void;
  onCancel: () => void;
}

/** Words to others; @ offers the people of the project. Ctrl+Enter sends, Escape leaves. */
export function MentionField({ project, label, placeholder, busy, onSend, onCancel }: MentionFieldProps) {
  const [text, setText] = useState("");
  const [cursor, setCursor] = useState(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const people = (useQuery(peopleQuery(project)).data ?? []).map(({ user }) => ({ id: user.id, name: user.name ?? "" }));
  const offered = fitting(people, nameBegun(text, cursor));
  const first = offered[0];
  const send = () => text.trim() && !busy && onSend(text.trim());
  const choose = (name: string) => {
    const next = withName(text, cursor, name);
    setText(next.text);
    setCursor(next.cursor);
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape") onCancel();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
    else if (event.key === "Tab" && first) choose(first.name);
    else return;
    event.preventDefault();
  };
  return (
    <div>
      <Menu opened={offered.length > 0} position="top-start" withinPortal trapFocus={false} returnFocus={false}>
        <Menu.Target>
          <Textarea
            ref={field}
            size="xs"
            autosize
            autoFocus
            minRows={2}
            maxRows={8}
            aria-label={label}
            placeholder={placeholder ?? "@ calls somebody by name; Ctrl+Enter sends"}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setCursor(event.currentTarget.selectionStart);
            }}
            onKeyDown={onKeyDown}
          />
        </Menu.Target>
        <Menu.Dropdown>
          {offered.map(({ id, name }) => (
            <Menu.Item key={id} onMouseDown={(event) => event.preventDefault()} onClick={() => choose(name)}>
              {name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Group gap={4} mt={4} justify="flex-end">
        <Button size="compact-xs" variant="subtle" onClick={onCancel}>
          Cancel
        </Button>
        <Button size="compact-xs" disabled={!text.trim()} loading={busy} onClick={send}>
          Send
        </Button>
      </Group>
    </div>
  );
}
