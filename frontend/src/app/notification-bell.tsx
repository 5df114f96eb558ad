import { ActionIcon, Button, Group, Indicator, Popover, ScrollArea, Skeleton, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBell } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { notificationsQuery, readNotifications, unreadQuery, type Notification } from "@/api/comments";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { TimeAgo } from "@/ui/time-ago";
import classes from "./notification-bell.module.css";

/** What one should hear of, with how much of it is unread. */
export function NotificationBell() {
  const [opened, { toggle, close }] = useDisclosure(false);
  const unread = useQuery(unreadQuery).data ?? 0;
  const label = unread > 0 ? `${plural(unread, "notification")} unread` : "Notifications";
  return (
    <Popover opened={opened} onClose={close} onDismiss={close} position="bottom-end" width={380} withArrow trapFocus>
      <Popover.Target>
        <Tooltip label={label} disabled={opened}>
          <Indicator disabled={unread === 0} label={unread > 99 ? "99+" : unread} size={15} offset={4} color="bad">
            <ActionIcon variant="subtle" color="gray" aria-label={label} aria-expanded={opened} onClick={toggle}>
              <IconBell size={18} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={0}>{opened && <List unread={unread} onGo={close} />}</Popover.Dropdown>
    </Popover>
  );
}

function List({ unread, onGo }: { unread: number; onGo: () => void }) {
  const list = useQuery(notificationsQuery);
  const read = useRead();
  const navigate = useNavigate();
  const open = (one: Notification) => {
    if (!one.read_at) read.mutate([one.id]);
    onGo();
    void navigate({ to: one.address });
  };
  return (
    <>
      <Group justify="space-between" px="sm" py={6} className={classes.head}>
        <Text size="sm" fw={600}>
          Notifications
        </Text>
        <Button size="compact-xs" variant="subtle" disabled={unread === 0} loading={read.isPending} onClick={() => read.mutate(undefined)}>
          Mark all read
        </Button>
      </Group>
      <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isPending && <Skeleton height={80} m="sm" />}
      {list.data?.length === 0 && (
        <Text size="sm" c="dimmed" p="sm">
          Nothing yet. You hear here when somebody names you, gives you a task, or judges your work.
        </Text>
      )}
      <ScrollArea.Autosize mah="60dvh">
        {list.data?.map((one) => (
          <button key={one.id} type="button" className={classes.entry} data-unread={!one.read_at || undefined} onClick={() => open(one)}>
            <Text size="sm" lineClamp={3}>
              {one.text}
            </Text>
            <Text size="xs" c="dimmed">
              {one.project_name}, <TimeAgo at={one.created_at} />
            </Text>
          </button>
        ))}
      </ScrollArea.Autosize>
      <Text size="xs" px="sm" py={6} className={classes.foot}>
        <TextLink to={addresses.account()} onClick={onGo}>
          How often this comes by mail
        </TextLink>
      </Text>
    </>
  );
}

function useRead() {
  const queries = useQueryClient();
  return useMutation({ mutationFn: (ids: string[] | undefined) => readNotifications(ids), onSettled: () => queries.invalidateQueries({ queryKey: ["notifications"] }) });
}
