import { Button, Group, PasswordInput, SegmentedControl, SimpleGrid, Stack, Text, TextInput, useMantineColorScheme } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@/api/client";
import { sessionQuery, useMe } from "@/api/session";
import { ErrorNotice } from "@/ui/error-notice";
import { PageHeader } from "@/ui/page-header";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";
import { MailPanel } from "./mail-panel";
import { TokensPanel } from "./tokens-panel";

export function AccountPage() {
  const me = useMe();
  return (
    <>
      <PageHeader title="Account" subtitle={me.email} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <NamePanel />
        <PasswordPanel />
        <TokensPanel />
        <MailPanel />
        <TastePanel />
      </SimpleGrid>
    </>
  );
}

function NamePanel() {
  const me = useMe();
  const [name, setName] = useState(me.name);
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => data(api.PATCH("/api/v1/me/", { body: { name } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
      toast.done("Your name is saved.");
    },
  });
  return (
    <Panel title="Name" lead="Stands beside everything you label and review.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack gap="sm">
          <TextInput label="Your name" required autoComplete="name" value={name} onChange={(event) => setName(event.currentTarget.value)} />
          <ErrorNotice error={save.error} />
          <Group justify="flex-end">
            <Button type="submit" variant="default" disabled={name.trim() === me.name} loading={save.isPending}>
              Save name
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

function PasswordPanel() {
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const change = useMutation({
    mutationFn: () => data(api.POST("/api/v1/me/password/", { body: { old, new: fresh } })),
    onSuccess: () => {
      setOld("");
      setFresh("");
      toast.done("Your password is changed. Other browsers have to sign in again.");
    },
  });
  return (
    <Panel title="Password">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <Stack gap="sm">
          <PasswordInput label="Present password" autoComplete="current-password" required value={old} onChange={(event) => setOld(event.currentTarget.value)} />
          <PasswordInput label="New password" autoComplete="new-password" required value={fresh} onChange={(event) => setFresh(event.currentTarget.value)} />
          <ErrorNotice error={change.error} />
          <Group justify="flex-end">
            <Button type="submit" variant="default" disabled={!old || !fresh} loading={change.isPending}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

function TastePanel() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Panel title="Look" lead="Kept in this browser. Dark is easier on the eyes beside fluorescence.">
      <SegmentedControl
        aria-label="Colours"
        value={colorScheme}
        onChange={(value) => setColorScheme(value)}
        data={[
          { value: "dark", label: "Dark" },
          { value: "light", label: "Light" },
          { value: "auto", label: "As the system" },
        ]}
      />
      <Text size="xs" c="dimmed" mt="sm">
        Every key is listed under <b>?</b>
      </Text>
    </Panel>
  );
}
