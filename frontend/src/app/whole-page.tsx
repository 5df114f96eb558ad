import { Button, Center, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { isApiError } from "@/api/errors";
import { addresses } from "@/lib/addresses";
import { sentenceOf } from "@/ui/error-notice";
import { ButtonLink } from "@/ui/link";
import { Mark } from "@/ui/mark";
import type { ReactNode } from "react";

export function PageSkeleton() {
  return (
    <Stack gap="md" aria-busy aria-label="Loading">
      <Skeleton height={28} width="30%" />
      <Skeleton height={14} width="50%" />
      <Skeleton height={240} mt="md" />
    </Stack>
  );
}

export function NotFoundPage() {
  return (
    <WholePage title="Nothing here" actions={<ButtonLink to={addresses.home()}>To your projects</ButtonLink>}>
      This address does not exist, or you may not see what lies behind it. If somebody sent it to you, ask them to invite you to the team.
    </WholePage>
  );
}

export function ErrorPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  if (isApiError(error, 404)) return <NotFoundPage />;
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return (
    <WholePage
      title={titleOf(error)}
      actions={
        <>
          <ButtonLink to={addresses.home()} variant="default">
            To your projects
          </ButtonLink>
          <Button onClick={retry}>Try again</Button>
        </>
      }
    >
      {sentenceOf(error)}
    </WholePage>
  );
}

function titleOf(error: unknown): string {
  if (isApiError(error, 403)) return "Not allowed";
  if (isApiError(error, 0)) return "No connection";
  if (isApiError(error)) return "The server failed";
  return "This page broke";
}

function WholePage({ title, children, actions }: { title: string; children: ReactNode; actions: ReactNode }) {
  return (
    <Center mih="60dvh" p="lg">
      <Stack align="center" gap="sm" maw="30rem">
        <Mark size={44} />
        <Title order={1} size="h3">
          {title}
        </Title>
        <Text ta="center" c="dimmed" size="sm" role="alert">
          {children}
        </Text>
        <Group mt="sm">{actions}</Group>
      </Stack>
    </Center>
  );
}
